"""Whether a document is CycloneDX 1.6 or 1.7, by its official JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from novacron.errors import BadInput
from shared import content

VERSIONS = {"1.6": SchemaVersion.V1_6, "1.7": SchemaVersion.V1_7}
"""Versions that are read."""
WRITTEN = "1.7"
SLICE = 50
"""Entries of a list that are checked together: the validator compares each with each."""


@cache
def _validator(version: str) -> JsonStrictValidator:
    return JsonStrictValidator(VERSIONS[version])


def check(document: Mapping[str, Any]) -> None:
    """Whether a document keeps to the schema.

    Raises:
        BadInput: it does not; the field says where, and nothing says what stands there.
    """
    version = document.get("specVersion")
    if document.get("bomFormat") != "CycloneDX" or not (isinstance(version, str) and version in VERSIONS):
        raise BadInput(f"must be CycloneDX {' or '.join(VERSIONS)} in JSON", field="specVersion")
    try:
        for at, part in _slices(document):
            _check(part, at)
        for name, value in document.items():
            _check_unique(name, value)
    except RecursionError:
        raise BadInput("is nested too deep") from None


def _slices(document: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The document with so many entries of each of its lists at a time, and the number of the first."""
    lists = {name: value for name, value in document.items() if isinstance(value, list)}
    rest = {name: value for name, value in document.items() if name not in lists}
    longest = max(map(len, lists.values()), default=0)
    for at in range(0, max(longest, 1), SLICE):
        some = {name: value[at : at + SLICE] for name, value in lists.items() if at < len(value) or not at}
        yield at, rest | some


def _check(part: Mapping[str, Any], at: int) -> None:
    version = part["specVersion"]
    found = _validator(version).validate_str(json.dumps(part))
    if found is None:
        return
    error: Any = found.data
    raise BadInput(
        f"breaks the rule {error.validator!r} of the schema of CycloneDX {version}",
        field=_field([*error.absolute_path], at),
    )


def _field(path: list[Any], at: int) -> str | None:
    """The path of a field as errors have it: `components[3].name`."""
    if len(path) > 1 and isinstance(path[1], int):
        path[1] += at
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or None


def _check_unique(name: str, value: object) -> None:
    if isinstance(value, list) and len({content.canonical(one) for one in value}) < len(value):
        raise BadInput("must not hold an entry twice", field=name)
