"""Validation of CycloneDX 1.6 and 1.7 documents against the official JSON schema.

The schema files come from cyclonedx-python-lib. Its own validator, `jsonschema`, takes two seconds of
processor time to import and compares every entry of a list with every other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from novacron.errors import BadInput

VERSIONS = ("1.6", "1.7")
"""Supported versions."""
WRITTEN = "1.7"
ADDRESS = "http://cyclonedx.org/schema/"
FILE = "{}.SNAPSHOT.schema.json"
REFERRED = ("spdx", "cryptography-defs", "jsf-0.82")
"""Schemas to which all versions refer."""


def _schema(name: str) -> Any:
    return json.loads((files("cyclonedx.schema") / "_res" / FILE.format(name)).read_bytes())


@cache
def _validator(version: str) -> jsonschema_rs.Draft7Validator:
    known = [(ADDRESS + FILE.format(name), _schema(name)) for name in REFERRED]
    registry = jsonschema_rs.Registry(known)
    return jsonschema_rs.Draft7Validator(_schema(f"bom-{version}"), registry=registry, validate_formats=True)


def check(document: Mapping[str, object]) -> None:
    """Validate a document against the schema.

    Args:
        document: JSON nested no deeper than `scheduler.api.parsers.json_text` allows.

    Raises:
        BadInput: it is invalid; the error names the field and never shows its value.
    """
    version = document.get("specVersion")
    if document.get("bomFormat") != "CycloneDX" or version not in VERSIONS:
        raise BadInput(f"must be CycloneDX {' or '.join(VERSIONS)} in JSON", field="specVersion")
    try:
        error = next(_validator(version).iter_errors(document), None)
    except UnicodeError:
        raise BadInput("must hold Unicode text only: a text has half of a surrogate pair") from None
    if error is not None:
        raise BadInput(
            f"breaks the rule {error.schema_path[-1]!r} of the schema of CycloneDX {version}",
            field=_field(error.instance_path),
        )


def _field(path: list[str | int]) -> str | None:
    """Return the path of a field in the notation of errors: `components[3].name`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or None
