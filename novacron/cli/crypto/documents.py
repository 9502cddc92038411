"""Documents passed to commands as files: requests, inventories, policies.

Their parsers are imported on demand: most commands read none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from novacron.errors import BadInput

SUFFIXES = (".json", ".yaml", ".yml", ".toml")


def read(path: Path) -> dict[str, Any]:
    """Return a file's content in a form that can be sent.

    Raises:
        BadInput: it cannot be read, or is not a mapping.
    """
    from novacron.inputs.text import read_text

    suffix, text = path.suffix.lower(), read_text(path)
    if suffix not in SUFFIXES:
        raise BadInput(f"must be one of {', '.join(SUFFIXES)}", file=str(path), value=suffix or None)
    value = _toml(text, path) if suffix == ".toml" else _value(text, suffix, path)
    if not isinstance(value, dict):
        raise BadInput("must hold a mapping of keys to values", file=str(path))
    return value


def request(path: Path) -> dict[str, Any]:
    """Return the request or inventory in a file; neither may refer to other files.

    Raises:
        BadInput: it cannot be read, or names a file where its content is required.
    """
    document = read(path)
    named = document.get("inventory")
    if isinstance(named, str):
        rule = "is what an inventory holds, not the name of a file"
        hint = f"write {named} in place of {path} and the other keys as options, or put its content here"
        raise BadInput(rule, file=str(path), field="inventory", value=named, hint=hint)
    named = document.get("policy")
    if isinstance(named, str) and Path(named).suffix.lower() in SUFFIXES:
        rule = "is a policy's name or a policy written out, not the name of a file"
        raise BadInput(rule, file=str(path), field="policy", value=named, hint=f"give --policy {named}")
    return document


def _value(text: str, suffix: str, path: Path) -> Any:
    from novacron.inputs.document import read_json, read_yaml

    return read_json(text, str(path)) if suffix == ".json" else read_yaml(text, str(path)).value


def _toml(text: str, path: Path) -> Any:
    import tomllib

    try:
        return _sendable(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"malformed TOML: {error}", file=str(path)) from None


def _sendable(value: Any) -> Any:
    """Convert dates to text, since JSON has none."""
    if isinstance(value, dict):
        return {key: _sendable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_sendable(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def is_inventory(document: dict[str, Any]) -> bool:
    """Return whether a document is an inventory rather than a request."""
    return "assets" in document


def policy(text: str) -> str | dict[str, Any]:
    """Return a policy by its name, or the one defined in the file of this name."""
    return read(Path(text)) if Path(text).suffix.lower() in SUFFIXES else text
