"""What a migration may touch: the targets that the operator declares in a file, and nothing else.

A request names a target and never a path or a command, so whoever may submit a migration cannot make the
server write where, or run what, its operator did not write down.
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
        name: what plans call it.
        folder: where the files are, at any depth.
        pattern: which files of it are envelopes.
        key_id: the key of the store that they are sealed for; found from them where only one can be meant.
    """

    folder: Path
    pattern: str = "*.ncrypt"
    key_id: str = ""

    def wrong(self) -> Iterator[BadInput]:
        """A pattern that leads out of the folder, or finds folders alone."""
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
        issuer: certificate id of the authority that issues its next certificate.
        names: names that the certificate is for; where `server_name` is not given the server is asked by the
            first of them that is a host.
        days: how long the next certificate is valid.
        purposes: its extended key usages; none given are those of the certificate that is served.
        dropped: names, purposes and key usages of the served certificate that the next one does without.
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
"""`kind` in the file -> what it declares."""


def declared(context: Context[Spec]) -> dict[str, Target]:
    """What the operator has declared for the tenant of a job; raises as `load`."""
    origin = context.origin
    return load(settings.load().targets_file, tenants.standing(origin.database(), origin.job_id).tenant)


def load(path: str, tenant: str | None = None) -> dict[str, Target]:
    """The targets in a file, by name; none where the path is empty or the file is not there.

    Args:
        path: of the file.
        tenant: whose; a target is the tenant's that it names, else the default one's. None: everybody's.

    Raises:
        BadInput: the file cannot be read or declares something wrong; it carries all that is wrong.
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
    """A target, or what is wrong with its table."""
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
    """Raise what is wrong, all of it, where anything is.

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
"""A hundred years, for which at most a certificate may be asked for."""
EXPECTED = {
    "str": "text, not empty",
    "int": f"a whole number from 1 to {MOST_DAYS}",
    "Path": "an absolute path",
    "Path | None": "an absolute path",
    "tuple[str, ...]": "a list of texts",
}


def _value(kind: str, value: Any) -> Any:
    """The value as its field has it; None where it is of another kind."""
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
