"""One component of one step: what an action is about and what it stands on."""

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
    """What steps leave for later ones to know of a component, as JSON.

    Attributes:
        key_id: of the component's key in the store.
        old_version: of that key, which is left.
        new_version: of that key, which is taken up.
        certificate_id: of the next certificate.
        kept: name of the folder with the pair or key from before.
        origins: where the private key from before really was.
        old_key: identity of the public key that is left.
        new_key: identity of the one that is taken up.
        old_groups: a server's groups from before, as its directive has them.
        old_methods: an SSH server's key exchanges from before.
        new_group: that is preferred now.
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
        holder: the job, as it holds the plan.
        step: as the plan has it.
        component: its name.
        target: what the operator declared.
        old: algorithm that is left.
        new: algorithm that is taken up.
        guard: asks who else needs what the step destroys.
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
        """A name for what the plan makes for this component: the same in every attempt."""
        return f"migration:{self.holder.plan_id}:{self.component}"

    @property
    def signs(self) -> bool:
        """Whether it is about signatures, and so about a certificate or a signing key."""
        known = classify(self.new)
        return known is not None and known.type == "signature"

    @property
    def counted(self) -> int:
        """How many objects the plan counts."""
        return int((self.step.get("counts") or {}).get(self.component, 1))

    @property
    def facts(self) -> Facts:
        """What earlier steps left to know."""
        return cast(Facts, self.holder.facts(self.component))

    def note(self, **facts: Unpack[Facts]) -> None:
        """Leave something for later steps to know, in the transaction of what it is about."""
        self.holder.note(self.step_id, self.component, facts)

    def sharing(self, key_id: str) -> dict[str, Facts]:
        """Facts of the plan's other components that are about the same key, by their names."""
        found: dict[str, Facts] = {}
        for row in self.holder.rows():
            for name, facts in row.facts.items():
                if name != self.component:
                    found.setdefault(name, {}).update(facts)
        return {name: facts for name, facts in found.items() if facts.get("key_id") == key_id}

    def key(self, key_id: str) -> StoredKey:
        """A key of the tenant.

        Raises:
            NotFound: there is none of this id.
        """
        return self.store.key(key_id)
