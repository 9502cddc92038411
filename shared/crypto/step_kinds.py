"""The kinds of migration steps, with all metadata of a kind in one record.

The workers' executors implement a step for each kind of target; the table of rates has its costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from novacron.migration.plan import CheckName, StepType

Phase = Literal["prepare", "enable", "change", "retire"]


@dataclass(frozen=True, slots=True)
class StepKind:
    """One kind of step.

    Attributes:
        type: its name in plans.
        phase: the key by which a plan orders steps.
        actions: description of the action by kind of component, "" for all others; placeholders {old}, {new},
            {count}, {share}.
        check: how completion is verified, a name and a text; None if that depends on the component.
        undoing: how it is rolled back.
        renewal: its action in a certificate renewal; empty if a renewal has no such step.
        watched: the purpose of the observation period after it; empty if both algorithms are accepted during
            it.
        rewrites: whether it rewrites envelopes.
        far_reaching: whether its failure affects everything that uses the component.
    """

    type: StepType
    phase: Phase
    actions: Mapping[str, str]
    check: tuple[CheckName, str] | None
    undoing: str
    renewal: str = ""
    watched: str = ""
    rewrites: bool = field(default=False, kw_only=True)
    far_reaching: bool = field(default=False, kw_only=True)

    @property
    def reversible(self) -> bool:
        """Whether it can be rolled back; after an irreversible step, no step of its component can."""
        return self.phase != "retire"


_ALL = (
    StepKind(
        type="prepare", phase="prepare",
        actions={
            "": "make a key for {new} beside the one for {old}, not in use yet",
            "certificate": "have a certificate issued for a {new} key, and keep both beside those in use",
            "trust_anchor": "make a {new} root and keep it offline beside the {old} one",
            "tls_endpoint": "keep a copy of the configuration; see that the TLS library knows {new}",
            "ssh_endpoint": "note the methods that the server takes; see that it knows {new}",
            "database_tls": "see that server and clients know {new}; PostgreSQL before 18 does not",
            "redis_tls": "see that server and clients know {new}",
        },
        check=("key_exists", "the new key is there and the old one is still in use"),
        undoing="destroy the new key, which nothing uses yet",
        renewal="make the next key, and have its certificate issued",
    ),
    StepKind(
        type="enable_verifiers", phase="enable",
        actions={
            "": "have everything that verifies accept {new} beside {old}",
            "trust_anchor": "put the {new} root into every trust store, beside the {old} one",
        },
        check=("both_accepted", "one signature of each algorithm is accepted"),
        undoing="accept the old algorithm only",
        renewal="verify its chain",
    ),
    StepKind(
        type="enable_readers", phase="enable",
        actions={
            "": "have everything that reads accept {new} beside {old}",
            "tls_endpoint": "offer {new} beside {old}",
            "ssh_endpoint": "accept {new} beside {old}",
        },
        check=("both_accepted", "what is sealed for the old and for the new can be read"),
        undoing="accept the old algorithm only, once nothing is sealed for the new one alone",
    ),
    StepKind(
        type="canary", phase="change",
        actions={"": "go over to {new} with {share} of the {count} objects, and watch them"},
        check=("fraction_converted", "the converted objects work and nothing failed while they were watched"),
        undoing="put the converted objects back from the checkpoint",
        watched="the canary is watched",
        rewrites=True,
    ),
    StepKind(
        type="switch", phase="change",
        actions={
            "": "use {new} for everything made from now on",
            "certificate": "install the {new} certificate and key, have the server read them",
            "trust_anchor": "issue from the {new} root from now on",
            "tls_endpoint": "prefer {new}; {old} stays on offer",
            "ssh_endpoint": "list {new} first, though the client chooses; {old} is taken still",
        },
        check=("new_in_use", "what is made now uses the new algorithm"),
        undoing="use the old algorithm again; it is still accepted everywhere",
        renewal="install both, and have the server read them",
        far_reaching=True,
    ),
    StepKind(
        type="rewrap", phase="change",
        actions={"": "seal the data keys of all {count} envelopes for the {new} key as well; payloads stay"},
        check=("all_converted", "every envelope opens with the new key and with the old one"),
        undoing="remove the new recipient from the envelopes; the old one was never removed",
        rewrites=True, far_reaching=True,
    ),
    StepKind(
        type="reissue", phase="change",
        actions={"": "issue every certificate below it anew"},
        check=("all_converted", "every certificate below the root has a new chain that is valid"),
        undoing="install the old certificates again",
        far_reaching=True,
    ),
    StepKind(
        type="validate", phase="change",
        actions={"": "prove that the new works and that the old still does"},
        check=None,
        undoing="nothing to undo: it changes nothing",
        renewal="see it in a handshake",
    ),
    StepKind(
        type="retire", phase="retire",
        actions={
            "": "accept {old} no longer and destroy its private keys",
            "certificate": "revoke the {old} certificate and destroy its key",
            "trust_anchor": "remove the {old} root from every trust store and destroy its key",
            "envelopes": "remove the {old} recipient from every envelope and destroy its private key",
            "tls_endpoint": "offer {old} no longer",
            "ssh_endpoint": "accept no classical method any more",
        },
        check=("old_gone", "the old algorithm is refused"),
        undoing="cannot be undone: what it destroys is gone",
        renewal="remove the key before, and revoke its certificate",
        rewrites=True,
    ),
)  # fmt: skip
STEP_KINDS: Mapping[StepType, StepKind] = {one.type: one for one in _ALL}
"""In the order in which a component passes through them."""
