"""Which algorithms the keys, certificates and TLS of an installation may use: `NOVACRON_PQ_CRYPTO_FILE`.

What was made before the file stood there goes on being used, rotated to a permitted algorithm and retired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from novacron.algorithms import ALGORITHMS, Algorithm, find
from novacron.errors import BadInput
from novacron.migration.policy import Policy, Targets
from novacron.migration.requests import AnyPeriod
from novacron.specs.record import Record
from novacron.specs.refusal import passed_on, refuse
from novacron.specs.scalars import Flag
from novacron.tls.groups import MODES, POST_QUANTUM_GROUPS, POST_QUANTUM_SIGNATURES, Mode, ModeName, mode
from shared import configuration_file, settings


def _standard(name: object) -> str:
    """The name of an algorithm's standard; a submission to NIST stands for the standard that grew from it."""
    try:
        found = find(name)
    except BadInput as error:
        raise passed_on(error, ()) from None
    return found.successor or found.name


def _is_hybrid(group: str) -> bool:
    return not group.startswith("MLKEM")


Name = Annotated[str, BeforeValidator(_standard)]


class PqCrypto(Record):
    """What the file says.

    Attributes:
        kem: key encapsulations, the preferred one first.
        signature: signatures, the preferred one first.
        hybrid_mode: whether a post-quantum algorithm may stand beside a classical one: hybrid key exchanges
            and encryptions, pairs of certificates, and TLS with clients that know classical groups alone.
        migration_timeline: of plans that say nothing of it.
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


class PqCryptoFile(Record):
    """The whole file."""

    algorithms: PqCrypto


@dataclass(frozen=True, slots=True)
class Permitted:
    """The algorithms that new keys may be of.

    Attributes:
        file: that says so.
        said: what it says.
    """

    file: str
    said: PqCrypto

    @property
    def targets(self) -> Targets:
        """The permitted algorithms by type; hybrids first, where they are permitted."""
        kems = [find(name) for name in self.said.kem]
        groups = [group for kem in kems for group in kem.tls_groups if self._takes(_is_hybrid(group))]
        encryptions = tuple(one.name for one in ALGORITHMS.values() if self._encrypts(one))
        kem, signature = self.said.kem, self.said.signature
        return Targets(kem=kem, signature=signature, encryption=encryptions, group=tuple(groups))

    def _takes(self, hybrid: bool) -> bool:
        return self.said.hybrid_mode or not hybrid

    def _encrypts(self, one: Algorithm) -> bool:
        return one.type == "encryption" and one.parts[0] in self.said.kem and self._takes(len(one.parts) > 1)

    def has(self, algorithm: str, *, beside: str | None = None) -> bool:
        """Whether a new key may be of an algorithm.

        Args:
            algorithm: its name.
            beside: algorithm of the certificate that the key's certificate is a pair with.
        """
        found = find(algorithm)
        if found.name in self.targets.of(found.type):
            return True
        if beside is None or not self.said.hybrid_mode or found.status != "classical":
            return False
        return self.has(beside)

    def check(self, algorithm: str, *, beside: str | None = None, field: str = "algorithm") -> None:
        """Refuse a new key; the arguments are as for `has`.

        Raises:
            BadInput: names what is permitted instead.
        """
        if not self.has(algorithm, beside=beside):
            able = self.targets.of(find(algorithm).type)
            hint = f"take {', '.join(able)}" if able else None
            raise BadInput("is not permitted in this installation", field=field, value=algorithm, hint=hint)

    def narrowed(self, policy: Policy) -> Policy:
        """A policy that takes nothing else; of a type of which it takes nothing permitted, all that is."""
        both = {}
        for type_ in Targets.model_fields:
            ours = self.targets.of(type_)
            both[type_] = tuple(name for name in policy.targets.of(type_) if name in ours) or ours
        return policy.model_copy(update={"targets": Targets(**both), "exclusive": True})

    def timed(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request for a plan with the timeline of this installation, where it has none."""
        timeline = self.said.migration_timeline
        return dict(request) if timeline is None else {"timeline": timeline, **request}

    def mode(self, name: ModeName) -> Mode:
        """What the API's TLS accepts.

        Raises:
            BadInput: the mode is hybrid and hybrids are not permitted, or there is nothing left to accept.
        """
        if name == "hybrid" and not self.said.hybrid_mode:
            rule = f"hybrid_mode is false in {self.file}"
            raise BadInput(rule, field="NOVACRON_TLS_MODE", value=name, hint="take pq-only")
        permitted = self.targets
        groups = [group for group in POST_QUANTUM_GROUPS if self._exchanges(group)]
        plain = {one.replace("-", "").lower() for one in permitted.signature}
        signatures = [scheme for scheme in POST_QUANTUM_SIGNATURES if scheme in plain]
        if not groups or not signatures:
            rule = f"needs a group and a signature of TLS, and {self.file} permits none"
            raise BadInput(rule, field="NOVACRON_TLS_MODE", value=name)
        return mode(name, groups, signatures)

    def _exchanges(self, group: str) -> bool:
        kem = "ML-KEM-" + group.rpartition("MLKEM")[2]
        return kem in self.said.kem and self._takes(_is_hybrid(group))


@cache
def load(path: str) -> Permitted | None:
    """What a file permits; None without a file: everything. Read once a process.

    Raises:
        BadInput: the file cannot be read or breaks a rule.
    """
    return Permitted(path, configuration_file.read(path, PqCryptoFile).algorithms) if path else None


def here() -> Permitted | None:
    """What the settings of this process permit; raises as `load`."""
    return load(settings.load().pq_crypto_file)


def mode_of(permitted: Permitted | None, name: ModeName) -> Mode:
    """What the API's TLS accepts in a mode; raises as `Permitted.mode`."""
    return MODES[name] if permitted is None else permitted.mode(name)
