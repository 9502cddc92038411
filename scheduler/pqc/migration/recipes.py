"""The steps of a component's migration, with their descriptions."""

from __future__ import annotations

from novacron.migration.component import Component
from novacron.migration.plan import Check, CheckName, StepType
from scheduler.pqc.migration.choice import Move
from shared.crypto.step_kinds import STEP_KINDS

SHOWN_PLACES = 10
_CANARIES = ("envelopes", "certificate", "tls_endpoint", "service", "ssh_key", "ssh_endpoint")


def steps(move: Move) -> list[StepType]:
    """Return the types of a component's steps, in order."""
    kind, role = move.component.kind, move.component.role
    enable: StepType = "enable_verifiers" if move.signs else "enable_readers"
    if role in ("reader", "verifier"):
        return [enable, "retire"]
    found: list[StepType] = ["prepare"]
    if role == "both":
        found.append(enable)
    if kind in _CANARIES and move.component.count > 1:
        found.append("canary")
    found.append("switch")
    if move.type == "encryption":
        found.append("rewrap")
    if kind == "trust_anchor":
        found.append("reissue")
    return [*found, "validate", "retire"]


_HANDSHAKES = ("tls_endpoint", "database_tls", "redis_tls", "ssh_endpoint", "certificate", "trust_anchor")


def actions(move: Move, type_: StepType, share: float | None) -> tuple[str, ...]:
    """Return the actions of a step, as text."""
    texts = STEP_KINDS[type_].actions
    text = texts.get(move.component.kind, texts[""])
    told = {
        "old": move.old,
        "new": move.new,
        "count": f"{move.component.count:,}",
        "share": f"{share or 1:.0%}",
    }
    where = _places(move.component) if move.component.target is None else None
    return (text.format(**told), *([where] if where else ()))


def _places(component: Component) -> str | None:
    """Return where people who do it by hand find the component."""
    if not component.places:
        return None
    rest = len(component.places) - SHOWN_PLACES
    return f"at {', '.join(component.places[:SHOWN_PLACES])}{f' and {rest} more' if rest > 0 else ''}"


def checks(move: Move, type_: StepType) -> tuple[Check, ...]:
    """Return the checks that show that a step is done."""
    if (known := STEP_KINDS[type_].check) is not None:
        return (_check(*known),)
    if move.component.kind in _HANDSHAKES:
        return (_check("handshake", f"a handshake that used {move.new} was seen, and its chain is valid"),)
    return (_check("second_provider", f"a second library accepts what {move.new} made"),)


def _check(name: CheckName, text: str) -> Check:
    return Check(check=name, text=text)


def title(move: Move, type_: StepType) -> str:
    """Return a step's name."""
    return f"{type_.replace('_', ' ')}: {move.component.name}, {move.old} to {move.new}"
