"""Selection of the replacement algorithms, component by component."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from novacron.errors import BadInput
from novacron.migration.classification import AlgorithmType, Classification, classify
from novacron.migration.component import Component, ComponentKind, Role
from novacron.migration.policy import Policy
from novacron.migration.requests import PlanRequest
from scheduler.pqc.migration import names

_ENDPOINTS = ("tls_endpoint", "database_tls", "redis_tls")
_CERTIFIED = ("trust_anchor", "certificate", "ssh_key")
Known = Mapping[str, Classification]


@dataclass(frozen=True, slots=True)
class Move:
    """The replacement of one algorithm of a component.

    Attributes:
        component: component to migrate.
        old: algorithm to replace.
        new: replacement algorithm.
        type: type of the new algorithm.
    """

    component: Component
    old: str
    new: str
    type: AlgorithmType

    @property
    def signs(self) -> bool:
        """Whether it concerns signatures rather than confidentiality."""
        return self.type == "signature"


def moves(request: PlanRequest, components: Sequence[Component]) -> tuple[list[Move], list[str]]:
    """Return all moves of a plan, and warnings for its author.

    Raises:
        BadInput: an algorithm is unknown, is no valid target, or fits no component.
    """
    policy = request.policy
    current = {
        name: names.current(name, f"current_algorithms[{number}]", policy)
        for number, name in enumerate(request.current_algorithms)
    }
    targets = {
        name: names.target(name, f"target_algorithms[{number}]", policy)
        for number, name in enumerate(request.target_algorithms)
    }
    found: dict[Move, None] = {}
    warnings: list[str] = []
    places = {one.name: f"components[{number}]" for number, one in enumerate(request.components)}
    for component in components:
        for old, wanted in _leaving(component, current, policy, places.get(component.name, "inventory")):
            new, warning = _chosen(wanted, targets, policy)
            warnings += [warning] if warning else []
            found[Move(component, old.name, new, wanted)] = None
    kept = [move for move in found if move.old != move.new]
    warnings += [f"{move.component.name} uses {move.new} already" for move in found if move not in kept]
    warnings += _doubts(kept, current)
    if not kept:
        raise BadInput("leave nothing to migrate", field="components", hint="; ".join(warnings) or None)
    return kept, list(dict.fromkeys(warnings))


def _doubts(kept: Collection[Move], current: Known) -> Iterator[str]:
    if keys := [move.component.name for move in kept if move.component.kind == "ssh_key"]:
        yield (
            f"OpenSSH has no ML-DSA keys yet: {', '.join(keys)} cannot go over to them; what can is the key"
            " exchange, as components of the kind ssh_endpoint"
        )
    left = {move.old for move in kept}
    for name in current:
        if name not in left:
            yield f"{name} is left by no component"
    for old in sorted(left):
        known = classify(old)
        if known and not known.quantum_vulnerable and known.status != "round3":
            yield f"a quantum computer does not break {old}: replacing it is a choice"
    for new in sorted({move.new for move in kept}):
        known = classify(new)
        if known and known.status == "draft":
            yield f"{new} is built on a draft: it may change before it is a standard"


def _leaving(
    component: Component, current: Known, policy: Policy, field: str
) -> Iterator[tuple[Classification, AlgorithmType]]:
    """Yield the algorithms that a component replaces, each with the type of its replacement."""
    named = component.algorithm
    if named is None and not current:
        rule = "is required, unless every component has its algorithm"
        raise BadInput(rule, field="current_algorithms", hint=f"{component.name} has none")
    olds = [names.current(named, f"{field}.algorithm", policy)] if named else current.values()
    fitting = [(old, wanted) for old in olds for wanted in uses(component.kind, component.role, old.type)]
    if not fitting:
        rule = f"a {component.kind} does not use {named or 'any of current_algorithms'}"
        hint = "give the component the algorithm it uses, or another kind"
        at = f"{field}.algorithm" if named else field
        raise BadInput(rule, field=at, value=named or component.name, hint=hint)
    yield from fitting


def uses(kind: ComponentKind, role: Role, old: AlgorithmType) -> tuple[AlgorithmType, ...]:
    """Return the types of the replacement for a component's algorithm; none if the kind does not use it.

    An endpoint's signatures are those of its certificates, which are separate components.
    """
    signs, seals = old in ("signature", "any"), old in ("kem", "group", "ssh_kex", "encryption", "any")
    if kind in _CERTIFIED:
        return ("signature",) if signs else ()
    if kind == "envelopes":
        return ("encryption",) if seals else ()
    if kind in _ENDPOINTS:
        return ("group",) if seals else ()
    if kind == "ssh_endpoint":
        return ("ssh_kex",) if seals else ()
    if kind == "stored_key":
        return ("signature",) if signs else (old,)
    return _by_role(role) if old == "any" else (old,)


def _by_role(role: Role) -> tuple[AlgorithmType, ...]:
    """Return the uses of a key that may both sign and encrypt."""
    if role in ("signer", "verifier"):
        return ("signature",)
    return ("kem",) if role in ("reader", "writer") else ("kem", "signature")


def _chosen(wanted: AlgorithmType, targets: Known, policy: Policy) -> tuple[str, str | None]:
    """Return the target for a type, the request's first that fits, else the policy's first; and a warning.

    Raises:
        BadInput: neither exists.
    """
    permitted = policy.targets.of(wanted) or _standing(wanted, policy)
    for name, one in targets.items():
        serving = (name,) if one.type == wanted else names.STANDS_FOR.get(wanted, {}).get(name, ())
        liked = next((candidate for candidate in serving if candidate in permitted), None)
        if liked:
            return liked, None if liked == name else f"{name} is used as {liked}, a {wanted}"
        if serving and not policy.exclusive:
            return serving[0], f"{serving[0]} is not among what the policy {policy.name} names"
    if not permitted:
        rule = f"holds no {wanted} algorithm, and the policy {policy.name} names none"
        if wanted == "ssh_kex":
            rule += ": OpenSSH has X25519 with ML-KEM-768 and with sntrup761 alone"
        raise BadInput(rule, field="target_algorithms")
    taken = f"{permitted[0]} is taken for {wanted}, from the policy {policy.name}"
    return permitted[0], f"target_algorithms holds no {wanted} algorithm: {taken}" if targets else None


def _standing(wanted: AlgorithmType, policy: Policy) -> tuple[str, ...]:
    """Return the SSH key exchanges that correspond to a policy's KEMs, since policies do not mention SSH."""
    if wanted != "ssh_kex":
        return ()
    return tuple(name for kem in policy.targets.kem for name in names.STANDS_FOR[wanted].get(kem, ()))
