"""Data files that hold one mapping, JSON or YAML: parsed as strictly as job files."""

from collections.abc import Iterable, Mapping
from typing import Any

from novacron.errors import BadInput, nearest
from novacron.inputs.document import Path, Place, read_json, read_yaml

YAML_SUFFIXES = (".yaml", ".yml")
DESCRIPTIVE = frozenset(
    "name title description comment comments notes source reference references url doi author authors date"
    " license version generator how_computed convention unit units metadata".split()
)
"""Descriptive keys of any data file, which are ignored."""


class DataFile:
    """A mapping read from a file, with the location of each of its keys.

    Attributes:
        value: the mapping.
        file: path of the file, for messages.
    """

    def __init__(self, text: str, file: str, *, field: str | None = None) -> None:
        """Parse the file.

        Raises:
            BadInput: it is malformed, truncated, or not a single mapping.
        """
        self.file = file
        self._text, self._field = text, field
        yaml = file.lower().endswith(YAML_SUFFIXES)
        value = read_yaml(text, file).value if yaml else read_json(text, file)
        if not isinstance(value, dict):
            raise BadInput("must be a mapping of keys to values", file=file)
        self.value: dict[str, Any] = value

    def error(self, rule: str, *at: str | int, value: object = None, hint: str | None = None) -> BadInput:
        """Return the error for a path in the file, with its line and column."""
        line, column = self._place(at) or (None, None)
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
        return BadInput(
            rule, file=self.file, line=line, column=column, field=field or None, value=value, hint=hint
        )

    def check_keys(self, known: Iterable[str], *at: str, cures: Mapping[str, str] | None = None) -> None:
        """Refuse unknown keys.

        Args:
            known: the keys that are read, in addition to the descriptive ones.
            at: path of the mapping whose keys are checked; the file itself by default.
            cures: hints for keys that are often put here.

        Raises:
            BadInput: names all unknown keys, each with its location and the nearest known key.
        """
        keys = list(known)
        inner: Any = self.value
        for part in at:
            inner = inner[part]
        found = [
            self.error("unknown key", *at, key, hint=(cures or {}).get(key) or _hint(key, keys))
            for key in inner
            if key not in keys and key not in DESCRIPTIVE
        ]
        if found:
            first, *others = found
            first.others = tuple(others)
            raise first

    def _place(self, at: Path) -> Place | None:
        """Return the location of the innermost existing element on the path; JSON is parsed as YAML here."""
        try:
            return read_yaml(self._text).place(at)
        except BadInput:
            return None


def _hint(key: str, known: list[str]) -> str:
    close = nearest(key, known)
    return f"did you mean {close!r}?" if close else "known keys: " + ", ".join(known)
