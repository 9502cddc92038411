"""Algorithms that keys, certificates and TLS of an installation may use: `NOVACRON_PQ_CRYPTO_FILE`.

Keys created before the file existed remain usable, and can be rotated to a permitted algorithm and retired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from novacron.algorithms import ALGORITHMS, Algorithm, find
from novacron.errors import BadInput
from novacron.json_types import JsonObject
from novacron.migration.policy import Policy, Targets
from novacron.migration.requests import AnyPeriod
from novacron.specs.record import Record
from novacron.specs.refusal import passed_on, refuse
from novacron.specs.scalars import Flag
from novacron.tls.groups import MODES, POST_QUANTUM_GROUPS, POST_QUANTUM_SIGNATURES, Mode, ModeName, mode
from shared import configuration_file, settings


def _standard(name: object) -> str:
    """Return the name of an algorithm's standard; a NIST submission maps to the standard derived from it."""
    try:
        found = find(name)
    except BadInput as error:
        raise passed_on(error, ()) from None
    return found.successor or found.name


def _is_hybrid(group: str) -> bool:
    return not group.startswith("MLKEM")


Name = Annotated[str, BeforeValidator(_standard)]


class PqCrypto(Record):
    """The content of the file.

    Attributes:
        kem: key encapsulations, the preferred one first.
        signature: signatures, the preferred one first.
        hybrid_mode: whether a post-quantum algorithm may stand beside a classical one: hybrid key exchanges
            and encryptions, pairs of certificates, and TLS with clients that know classical groups alone.
        migration_timeline: the default of plans that set none.
    """

    kem: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    signature: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    hybrid_mode: Flag = True
    migration_timeline: AnyPeriod | None = None

    @model_validator(mode="after")
    def _of_their_type(self) -> Self:
        for field in ("kem", "signature"):
            for position, name in enumerate(getattr(self, field)):
                if (found := find(name).type) != field:
                    raise refuse(f"is a {found}, no {field}", at=(field, position), value=name)
        return self

    @cached_property
    def targets(self) -> Targets:
        """The permitted algorithms by type; hybrids first, if they are permitted."""
        kems = [find(name) for name in self.kem]
        groups = [group for kem in kems for group in kem.tls_groups if self._takes(_is_hybrid(group))]
        encryptions = tuple(one.name for one in ALGORITHMS.values() if self._encrypts(one))
        return Targets(kem=self.kem, signature=self.signature, encryption=encryptions, group=tuple(groups))

    @property
    def groups(self) -> list[str]:
        """The permitted TLS groups, in OpenSSL's order of preference."""
        return [group for group in POST_QUANTUM_GROUPS if self._exchanges(group)]

    @property
    def schemes(self) -> list[str]:
        """The permitted post-quantum TLS signature schemes."""
        plain = {one.replace("-", "").lower() for one in self.signature}
        return [scheme for scheme in POST_QUANTUM_SIGNATURES if scheme in plain]

    def _takes(self, hybrid: bool) -> bool:
        return self.hybrid_mode or not hybrid

    def _encrypts(self, one: Algorithm) -> bool:
        return one.type == "encryption" and one.parts[0] in self.kem and self._takes(len(one.parts) > 1)

    def _exchanges(self, group: str) -> bool:
        kem = "ML-KEM-" + group.rpartition("MLKEM")[2]
        return kem in self.kem and self._takes(_is_hybrid(group))


class PqCryptoFile(Record):
    """The model of the whole file."""

    algorithms: PqCrypto


@dataclass(frozen=True, slots=True)
class Permitted:
    """The algorithms permitted for new keys.

    Attributes:
        said: the content of the file, None without one: everything is permitted.
        file: its path.
    """

    said: PqCrypto | None
    file: str = ""

    def has(self, algorithm: str, *, beside: str | None = None) -> bool:
        """Return whether a new key may use an algorithm.

        Args:
            algorithm: its name.
            beside: algorithm of the certificate with which the key's certificate forms a pair.
        """
        if self.said is None:
            return True
        found = find(algorithm)
        if found.name in self.said.targets.of(found.type):
            return True
        if beside is None or not self.said.hybrid_mode or found.status != "classical":
            return False
        return self.has(beside)

    def check(self, algorithm: str, *, beside: str | None = None, field: str = "algorithm") -> None:
        """Reject an algorithm that new keys may not use; the arguments are as for `has`.

        Raises:
            BadInput: names the permitted algorithms.
        """
        if self.said is None or self.has(algorithm, beside=beside):
            return
        able = self.said.targets.of(find(algorithm).type)
        hint = f"use {', '.join(able)}" if able else None
        raise BadInput("is not permitted in this installation", field=field, value=algorithm, hint=hint)

    def narrowed(self, policy: Policy) -> Policy:
        """Restrict a policy to permitted algorithms; a type left empty gets all permitted ones."""
        if self.said is None:
            return policy
        both = {}
        for type_ in Targets.model_fields:
            ours = self.said.targets.of(type_)
            both[type_] = tuple(name for name in policy.targets.of(type_) if name in ours) or ours
        return policy.model_copy(update={"targets": Targets(**both), "exclusive": True})

    def timed(self, request: JsonObject) -> Mapping[str, Any]:
        """Return a request for a plan, with the installation's timeline if it has none."""
        if self.said is None or self.said.migration_timeline is None:
            return request
        return {"timeline": self.said.migration_timeline, **request}

    def mode(self, name: ModeName) -> Mode:
        """Return what the API's TLS accepts.

        Raises:
            BadInput: the mode is hybrid but hybrids are not permitted, or nothing remains to accept.
        """
        if self.said is None:
            return MODES[name]
        if name == "hybrid" and not self.said.hybrid_mode:
            rule = f"hybrid_mode is false in {self.file}"
            raise BadInput(rule, field="NOVACRON_TLS_MODE", value=name, hint="use pq-only")
        groups, signatures = self.said.groups, self.said.schemes
        if not groups or not signatures:
            rule = f"needs a group and a signature of TLS, and {self.file} permits none"
            raise BadInput(rule, field="NOVACRON_TLS_MODE", value=name)
        return mode(name, groups, signatures)


EVERYTHING = Permitted(None)


@cache
def load(path: str) -> Permitted:
    """Load the permitted algorithms from a file; without one, all. Cached per process.

    Raises:
        BadInput: the file cannot be read or breaks a rule.
    """
    return Permitted(configuration_file.read(path, PqCryptoFile).algorithms, path) if path else EVERYTHING


def here() -> Permitted:
    """Load the permitted algorithms of this process's settings; raises as `load`."""
    return load(settings.load().pq_crypto_file)
