"""Names in the product that neither it, its test tools nor its benchmarks use.

vulture finds them; tests do not count as users. Exempt are names that are used in other ways than by name in
the code: fields of records (used by readers of the JSON), database tables (Alembic, SQL), registry entries of
the form `module:attribute`, decorated functions, and the names below.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from vulture.core import Item, Vulture

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("novacron", "shared", "scheduler", "workers")
USERS = ("testing", "benchmarks", "migrations")
TAKEN_IN = ["@router.*", "@app.*", "@*.exception_handler", "@signals.*", "@*_validator", "@register_model"]
FIELD = re.compile(r"    \w+: ")
TARGET = re.compile(r'"[\w.]+:(\w+)"')

ALLOWED = {
    # Called by a library on our objects, or read from them.
    "__*__", "_repr_html_", "_repr_png_", "model_config", "type_annotation_map", "start_tls", "ssl_context",
    "default_port", "field_title_should_be_set", "send_400_response", "acknowledge", "acknowledged",
    "can_consume", "requires", "syntaxError", "recognizer", "seekable", "readinto", "align", "no_wrap",
    "overflow", "CACHE_DIR", "CACHE_LOCATOR_CLASSES", "CPU_FEATURES", "CPU_NAME", "ensure_cache_path",
    "save_overload", "basic_auth", "trace", "buffer_text", "*Handler", "daemon_threads", "do_GET",
    "log_message", "get_headers", "http_config",
    # Chosen by the name of an XML element or of an event.
    "_start_*", "_end_*", "_evaluations", "_placement", "_warning", "_notice",
    # Members of a layout that is listed completely.
    "NULL", "BACK",
    # References that tests compare documents, rows and backends with: the state transitions of tasks, a
    # circuit's state, and the class that gives a backend with counts its expectation values.
    "TASK_MOVES", "state_vector", "Estimating",
    # The command `novacron doctor`, which is attached at run time.
    "doctor",
}  # fmt: skip


def targets() -> set[str]:
    """Return the attributes that registries name."""
    texts = (path.read_text() for folder in PRODUCT for path in (ROOT / folder).rglob("*.py"))
    return {name for text in texts for name in TARGET.findall(text)}


def is_data(item: Item) -> bool:
    """Return whether this is a field of a record, or a database table."""
    line = Path(item.filename).read_text().splitlines()[item.first_lineno - 1]
    if item.typ == "class":
        return Path(item.filename).stem.endswith("tables")
    return item.typ == "variable" and FIELD.match(line) is not None


def main() -> int:
    """Print dead names; return 1 if there are any."""
    search = Vulture(ignore_names=sorted(ALLOWED | targets()), ignore_decorators=TAKEN_IN)
    search.scavenge([ROOT / folder for folder in (*PRODUCT, *USERS)])
    places = tuple(str(ROOT / folder) for folder in PRODUCT)
    found = [
        item for item in search.get_unused_code(min_confidence=60)
        if str(item.filename).startswith(places) and not is_data(item)
    ]  # fmt: skip
    for item in found:
        where = Path(item.filename).relative_to(ROOT)
        print(f"{where}:{item.first_lineno}: nothing uses the {item.typ} {item.name}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
