"""One component of one step: the input of an action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypedDict, TypeVar, Unpack, cast

from novacron.migration.classification import classify
from novacron.migration.planned_step import PlannedStep
from shared.crypto import permitted
from shared.db.crypto.keys import StoredKey
from shared.db.crypto.steps import Holder
from workers.crypto.keys.guard import Guard
from workers.crypto.keys.keyring import keyring
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.migration.remains import Origin

TargetT_co = TypeVar("TargetT_co", covariant=True)


class Facts(TypedDict, total=False):
    """Facts about a component that steps store for later ones, as JSON.

    Attributes:
        key_id: id of the component's stored key.
        old_version: the version migrated from.
        new_version: the version migrated to.
        certificate_id: id of the next certificate.
        kept: name of the folder with the previous pair or key.
        origins: real locations of the previous private key.
        old_key: identity of the old public key.
        new_key: identity of the new public key.
        old_groups: a server's previous groups, as written in its directive.
        old_methods: an SSH server's previous key exchange methods.
        new_group: the group that is now preferred.
    """

    key_id: str
    old_version: int
    new_version: int
    certificate_id: str
    kept: str
    origins: Sequence[Origin]
    old_key: str
    new_key: str
    old_groups: str
    old_methods: list[str]
    new_group: str


@dataclass(frozen=True)
class Part(Generic[TargetT_co]):
    """A component's part of a step.

    Attributes:
        holder: the job that holds the plan.
        step: as specified by the plan.
        component: its name.
        target: as declared by the operator.
        old: algorithm migrated from.
        new: algorithm migrated to.
        guard: finds dependents of what the step destroys.
        changing: names of the targets that the whole plan changes.
    """

    holder: Holder
    step: PlannedStep
    component: str
    target: TargetT_co
    old: str
    new: str
    guard: Guard
    changing: frozenset[str] = frozenset()

    @cached_property
    def store(self) -> KeyStore:
        """The tenant's keys."""
        who, allowed = self.holder, permitted.here()
        return KeyStore(who.connection, keyring(), who.tenant_id, who.actor, self.guard, allowed)

    @property
    def step_id(self) -> str:
        """The step's id."""
        return str(self.step["id"])

    @property
    def mark(self) -> str:
        """A name for objects that the plan creates for this component: the same in every attempt."""
        return f"migration:{self.holder.plan_id}:{self.component}"

    @property
    def signs(self) -> bool:
        """Whether it concerns signatures, and thus a certificate or a signing key."""
        known = classify(self.new)
        return known is not None and known.type == "signature"

    @property
    def counted(self) -> int:
        """The plan's number of objects."""
        return int((self.step.get("counts") or {}).get(self.component, 1))

    @property
    def facts(self) -> Facts:
        """Facts stored by earlier steps."""
        return cast(Facts, self.holder.facts(self.component))

    def note(self, **facts: Unpack[Facts]) -> None:
        """Store facts for later steps, in the transaction of the change they describe."""
        self.holder.note(self.step_id, self.component, facts)

    def sharing(self, key_id: str) -> dict[str, Facts]:
        """Return facts of the plan's other components with the same key, by name."""
        found: dict[str, Facts] = {}
        for row in self.holder.rows():
            for name, facts in row.facts.items():
                if name != self.component:
                    found.setdefault(name, {}).update(facts)
        return {name: facts for name, facts in found.items() if facts.get("key_id") == key_id}

    def key(self, key_id: str) -> StoredKey:
        """Return a key of the tenant.

        Raises:
            NotFound: there is none of this id.
        """
        return self.store.key(key_id)
