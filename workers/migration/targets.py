"""What a migration may touch: the targets that the operator declares in a file, and nothing else.

A request names a target and never a path or a command, so whoever may submit a migration cannot make the
server write where, or run what, its operator did not write down.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from novacron.errors import BadInput, nearest


@dataclass(frozen=True, slots=True)
class Envelopes:
    """A folder of envelopes.

    Attributes:
        name: what plans call it.
        folder: where the files are, at any depth.
        pattern: which files of it are envelopes.
        key_id: the key of the store that they are sealed for; found from them where only one can be meant.
    """

    name: str
    folder: Path
    pattern: str = "*.ncrypt"
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A signing key of the key store."""

    name: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate and its key.

    Attributes:
        name: what plans call it.
        certificate: PEM file of the chain that the server reads, leaf first.
        key: PEM file of the private key that the server reads.
        issuer: certificate id of the authority that issues its next certificate.
        names: host names that the certificate is for.
        days: how long the next certificate is valid.
        check: command that tests the server's configuration, as arguments.
        reload: command that makes the server read the files again, as arguments.
        probe: `host:port` where the server is then asked for its certificate.
    """

    name: str
    certificate: Path
    key: Path
    issuer: str
    names: tuple[str, ...]
    days: int = 90
    check: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    probe: str = ""


@dataclass(frozen=True, slots=True)
class Groups:
    """A server's TLS key-exchange groups.

    Attributes:
        name: what plans call it.
        config: file with the directive.
        groups_directive: the directive's name.
        check: command that tests the server's configuration, as arguments.
        reload: command that makes the server read it again, as arguments.
        probe: `host:port` where the server is then asked for the group.
    """

    name: str
    config: Path
    groups_directive: str
    check: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    probe: str = ""


Target = Envelopes | StoredKey | Certificate | Groups
KINDS: dict[str, type[Target]] = {
    "envelopes": Envelopes,
    "stored_key": StoredKey,
    "certificate": Certificate,
    "tls": Groups,
}
"""`kind` in the file -> what it declares."""


def load(path: str) -> dict[str, Target]:
    """The targets in a file, by name; none where the path is empty or the file is not there.

    Raises:
        BadInput: the file cannot be read or declares something wrong; it says where.
    """
    if not path or not Path(path).exists():
        return {}
    try:
        document = tomllib.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", file=path) from None
    declared = document.get("targets", {})
    if not isinstance(declared, Mapping) or set(document) - {"targets"}:
        raise BadInput("must hold tables [targets.NAME] only", file=path)
    return {name: _target(path, name, table) for name, table in declared.items()}


def _target(path: str, name: str, table: Any) -> Target:
    def refuse(rule: str, key: str, **more: Any) -> BadInput:
        return BadInput(rule, file=path, field=f"targets.{name}.{key}", **more)

    if not isinstance(table, Mapping) or table.get("kind") not in list(KINDS):
        raise refuse(f"must be one of {', '.join(KINDS)}", "kind")
    kind = KINDS[table["kind"]]
    known = {field.name: field for field in fields(kind) if field.name != "name"}
    given = {key: value for key, value in table.items() if key != "kind"}
    for key in given:
        if key not in known:
            close = nearest(key, known)
            raise refuse("unknown key", key, hint=f"did you mean {close!r}?" if close else None)
    for key, field in known.items():
        if key not in given and field.default is MISSING:
            raise refuse("is required", key)
    values = {key: _value(str(known[key].type), value) for key, value in given.items()}
    if wrong := [key for key, value in values.items() if value is None]:
        raise refuse(f"must be {EXPECTED[str(known[wrong[0]].type)]}", wrong[0])
    return kind(name=name, **values)


EXPECTED = {
    "str": "text, not empty",
    "int": "a whole number above 0",
    "Path": "an absolute path",
    "tuple[str, ...]": "a list of texts",
}


def _value(kind: str, value: Any) -> Any:
    """The value as its field has it; None where it is of another kind."""
    if kind == "int":
        return value if type(value) is int and value > 0 else None
    if kind == "tuple[str, ...]":
        texts = isinstance(value, list) and all(isinstance(one, str) and one for one in value)
        return tuple(value) if texts else None
    if not isinstance(value, str) or not value:
        return None
    if kind == "Path":
        return Path(value) if value.startswith("/") else None
    return value
