"""Residual exposure after a plan: new keys do not protect data that was copied before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from novacron.answers.plan import HarvestedCopies, OldSignatures, ResidualRisk
from novacron.migration.classification import classify
from scheduler.pqc.migration import mosca
from scheduler.pqc.migration.choice import Move


def statement(switched: Mapping[Move, date]) -> ResidualRisk:
    """Return what remains exposed after a plan.

    Args:
        switched: last day on which each component still uses its old algorithm to produce something.
    """
    exposed = [_harvested(move, day) for move, day in switched.items() if not move.signs and _broken(move)]
    signed = [_signed(move, day) for move, day in switched.items() if move.signs and _broken(move)]
    return ResidualRisk(
        statement="Copies made before the switch stay as readable as they were: whoever recorded them can "
        "open them with a quantum computer. Re-wrapping and new keys do not change that.",
        threat=mosca.shown(),
        harvested_copies=exposed,
        old_signatures=signed,
    )


def _broken(move: Move) -> bool:
    known = classify(move.old)
    return known is None or known.quantum_vulnerable


def _harvested(move: Move, day: date) -> HarvestedCopies:
    given = move.component.data_lifetime_years
    years = mosca.threat().data_lifetime_years if given is None else given
    until = mosca.later(day, years)
    return HarvestedCopies(
        component=move.component.name, algorithm=move.old, copied_until=day.isoformat(),
        secret_until=until.isoformat(), data_lifetime_years=years, assumed=given is None,
        verdict=mosca.verdict(until),
        text=f"what was copied from {move.component.name} until {day} must stay secret until {until}; "
        f"from {mosca.threat().early} to {mosca.threat().late} on it can be read",
    )  # fmt: skip


def _signed(move: Move, day: date) -> OldSignatures:
    early = mosca.threat().early
    when = "in time" if day <= early else "after the earliest day of the threat"
    return OldSignatures(
        component=move.component.name, algorithm=move.old, signed_until=day.isoformat(),
        verdict=mosca.verdict(day),
        text=f"{move.component.name} stops signing with {move.old} on {day}, {when}; older signatures"
        f" prove nothing from {early} on unless a timestamp or a new signature was put over them before",
    )  # fmt: skip
