"""What a server offers now, against what a migration left it with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from novacron.errors import Unreachable
from shared.db.steps import StepRow
from shared.tls.probe import PREFERRED, probe
from workers.migration import server
from workers.migration.targets import Certificate, Groups, Target

Seen = Mapping[str, Any]
"""A probe as plain JSON."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Something that a server has lost since.

    Attributes:
        target: the operator's name for it.
        severity: `high` where confidentiality or authenticity is lost, `medium` where it may be, `low` where
            nothing could be seen.
        text: for people.
        observed: the probe it was seen in.
    """

    target: str
    severity: str
    text: str
    observed: Seen


def left(rows: Iterable[StepRow]) -> dict[str, Seen]:
    """Component -> what its server offered when the newest of its done steps was proved."""
    return {
        component: proof["probe"]
        for row in rows
        if row.state == "done"
        for component, proof in (row.evidence or {}).items()
        if proof.get("probe")
    }


def look(target: Target, before: Seen) -> list[Drift]:
    """Ask a target's server again."""
    if not isinstance(target, Groups | Certificate) or not target.probe:
        return []
    try:
        now = probe(*server.address(target)).document()
    except Unreachable as error:
        return [Drift(target.name, "low", f"does not answer: {error}", {})]
    return [Drift(target.name, severity, text, now) for severity, text in _lost(before, now)]


def _lost(before: Seen, now: Seen) -> Iterator[tuple[str, str]]:
    was, is_ = before["handshake"], now["handshake"]
    if is_ is None:
        yield "low", f"no connection any more: {now['attempts'][PREFERRED]['refusal']}"
        return
    if before["pq"] and not now["pq"]:
        yield "high", f"key exchange fell from {was['group']} back to {is_['group']}"
    if now["downgrades"] and not before["downgrades"]:
        yield "high", "a client that lists a classical group first now gets a classical key exchange"
    if was["pq_signature"] and not is_["pq_signature"]:
        yield "high", f"the server proves itself by {is_['signature']}, no longer by {was['signature']}"
    if now["takes_classical_groups"] and not before["takes_classical_groups"]:
        yield "medium", "a classical key exchange can be had again"
