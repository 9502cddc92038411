"""The objects that a migration may change: only the targets that the operator declares in a file.

A request names a target and never a path or a command, so a caller that may submit a migration cannot make
the server write files or run commands that its operator did not specify.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from novacron.errors import BadInput, nearest
from shared import settings
from shared.db import tenants
from shared.db.tenants import DEFAULT
from workers.crypto.migration import consistency
from workers.crypto.migration.programs import HAProxy, KeyFiles, OpenSSH, PostgreSQL
from workers.crypto.migration.served import Certified, Declared, Served

if TYPE_CHECKING:
    from novacron.specs import Spec
    from workers.runtime.context import Context


@dataclass(frozen=True, slots=True)
class Envelopes(Declared):
    """A folder of envelopes.

    Attributes:
        name: its name in plans.
        folder: folder of the files, at any depth.
        pattern: pattern of the envelopes among its files.
        key_id: the stored key that they are sealed for; determined from them if it is unambiguous.
    """

    folder: Path
    pattern: str = "*.ncrypt"
    key_id: str = ""

    def wrong(self) -> Iterator[BadInput]:
        """Yield an error for a pattern that leaves the folder, or matches only folders."""
        parts = self.pattern.split("/")
        if "" in parts or ".." in parts or parts[-1] == "**":
            yield self.refused("pattern", "must match names within the folder", "such as *.ncrypt")


@dataclass(frozen=True, slots=True)
class StoredKey(Declared):
    """A signing key of the key store."""

    key_id: str


@dataclass(frozen=True, slots=True)
class Certificate(Certified, Served):
    """A server's certificate and its key.

    Attributes:
        certificate: PEM file of the chain that the server reads, leaf first.
        key: PEM file of the private key that the server reads.
        issuer: certificate id of the CA that issues its next certificate.
        names: names of the certificate; without `server_name` the server is probed by the first of them that
            is a host.
        days: validity of the next certificate.
        purposes: its extended key usages; by default those of the served certificate.
        dropped: names, purposes and key usages of the served certificate that the next one omits.
    """

    certificate: Path
    key: Path
    issuer: str
    names: tuple[str, ...]
    days: int = 90
    purposes: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Groups(Served):
    """A server's TLS key-exchange groups.

    Attributes:
        config: file with the directive.
        groups_directive: the directive's name.
    """

    config: Path
    groups_directive: str


Target = Envelopes | StoredKey | Certificate | Groups | HAProxy | PostgreSQL | OpenSSH | KeyFiles
KINDS: dict[str, type[Target]] = {
    "envelopes": Envelopes,
    "stored_key": StoredKey,
    "certificate": Certificate,
    "tls": Groups,
    "haproxy": HAProxy,
    "postgresql": PostgreSQL,
    "sshd": OpenSSH,
    "files": KeyFiles,
}
"""`kind` in the file -> its target class."""


def declared(context: Context[Spec]) -> dict[str, Target]:
    """Load the operator's targets for the tenant of a job; raises as `load`."""
    origin = context.origin
    return load(settings.load().targets_file, tenants.standing(origin.database(), origin.job_id).tenant)


def load(path: str, tenant: str | None = None) -> dict[str, Target]:
    """Load the targets in a file, by name; none if the path is empty or the file is missing.

    Args:
        path: path of the file.
        tenant: owner; a target belongs to the tenant it names, else to the default one. None: all targets.

    Raises:
        BadInput: the file cannot be read or has invalid declarations; it carries all errors.
    """
    if not path or not Path(path).exists():
        return {}
    try:
        document = tomllib.loads(Path(path).read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", file=path) from None
    declared = document.get("targets", {})
    if not isinstance(declared, Mapping) or set(document) - {"targets"}:
        raise BadInput("must hold tables [targets.NAME] only", file=path)
    found = {name: _target(name, table) for name, table in declared.items()}
    wrong = [one for errors in found.values() if isinstance(errors, list) for one in errors]
    read = {name: one for name, one in found.items() if not isinstance(one, list)}
    refuse([*wrong, *consistency.check(read.values())], file=path)
    return {
        name: one for name, one in read.items() if tenant in (None, declared[name].get("tenant", DEFAULT))
    }


def _target(name: str, table: Any) -> Target | list[BadInput]:
    """Return a target, or the errors in its table."""
    at = f"targets.{name}"
    if not _NAME.fullmatch(name) or name.startswith("key_"):
        rule = "must be a name of letters, digits and any of _ . - and not begin with key_"
        return [BadInput(rule, field=at, value=name)]
    if not isinstance(table, Mapping) or table.get("kind") not in list(KINDS):
        kind = table.get("kind") if isinstance(table, Mapping) else table
        hint = f"did you mean {close!r}?" if (close := nearest(kind, KINDS)) else None
        return [BadInput(f"must be one of {', '.join(KINDS)}", field=f"{at}.kind", value=kind, hint=hint)]
    kind = KINDS[table["kind"]]
    known = {field.name: field for field in fields(kind) if field.name != "name"}
    given = {key: value for key, value in table.items() if key not in ("kind", "tenant")}
    wrong = [*_unknown(at, given, known), *_tenant(at, table)]
    wrong += [
        BadInput("is required", field=f"{at}.{key}")
        for key, field in known.items() if field.default is MISSING and key not in given
    ]  # fmt: skip
    values = {key: _value(str(known[key].type), value) for key, value in given.items() if key in known}
    wrong += [
        BadInput(f"must be {EXPECTED[str(known[key].type)]}", field=f"{at}.{key}", value=given[key])
        for key, value in values.items() if value is None
    ]  # fmt: skip
    return wrong or _checked(kind(name=name, **values))


def _checked(target: Target) -> Target | list[BadInput]:
    return [*target.wrong()] or target


def _tenant(at: str, table: Mapping[str, object]) -> Iterator[BadInput]:
    whose = table.get("tenant", DEFAULT)
    if not isinstance(whose, str) or not whose.strip():
        yield BadInput("must be the name of a tenant", field=f"{at}.tenant", value=whose)


def _unknown(at: str, given: Iterable[str], known: Collection[str]) -> Iterator[BadInput]:
    for key in given:
        if key not in known:
            close = nearest(key, known)
            hint = f"did you mean {close!r}?" if close else None
            yield BadInput("unknown key", field=f"{at}.{key}", hint=hint)


def refuse(wrong: Sequence[BadInput], file: str | None = None) -> None:
    """Raise all errors, if there are any.

    Raises:
        BadInput: the first, with the others.
    """
    if not wrong:
        return
    for one in wrong:
        one.file = one.file or file
    wrong[0].others = tuple(wrong[1:])
    raise wrong[0]


_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""Names become parts of file names."""
MOST_DAYS = 36525
"""Maximum validity of a certificate: a hundred years."""
EXPECTED = {
    "str": "text, not empty",
    "int": f"a whole number from 1 to {MOST_DAYS}",
    "Path": "an absolute path",
    "Path | None": "an absolute path",
    "tuple[str, ...]": "a list of texts",
}


def _value(kind: str, value: Any) -> Any:
    """Convert the value to its field's type; None if it has another type."""
    kind = kind.removesuffix(" | None")
    if kind == "int":
        return value if type(value) is int and 0 < value <= MOST_DAYS else None
    if kind == "tuple[str, ...]":
        texts = isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
        return tuple(value) if texts else None
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return None
    if kind == "Path":
        return Path(value) if value.startswith("/") else None
    return value
