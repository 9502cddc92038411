"""Which jobs can be mitigated by which methods, and how many circuits that takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from novacron.errors import BadInput
from novacron.inputs.encoding import masks
from novacron.specs import QAOA, VQE, Circuit, Spec
from novacron.specs.ansatz import Adapt, CircuitAnsatz, Uccsd
from novacron.specs.mitigation import (
    AnyMethod,
    Auto,
    CliffordRegression,
    Readout,
    ReferenceState,
    Sector,
    SymmetryVerification,
    Twirling,
    VirtualDistillation,
    Zne,
)
from scheduler.planning.simulator import Demand
from shared.circuits.clifford import acts_only_by_gates
from shared.quantum.backends import Declaration
from shared.quantum.devices import EXACT_QUBITS
from shared.quantum.measurement import settings

LEAST_SHOTS = 16
"""Fewest shots of a circuit."""
MOST_DISTILLED = 6
"""Maximum number of qubits of a distilled state."""
ROUNDS = 4
"""Multiple of these for `auto`, which measures the circuits of all candidates first."""
MOST_CORRELATED = 8
"""Maximum number of qubits whose 2^n basis states are all prepared."""
COMMUTES = 1e-9
"""Largest coefficient, relative to the greatest, that breaks a symmetry without mattering."""
LEAVE = "leave mitigation out"


def check_kind(spec: Spec) -> None:
    """Refuse mitigation of jobs without expectation values.

    Raises:
        BadInput: names the kind.
    """
    if spec.mitigation and not isinstance(spec, Circuit | VQE | QAOA):
        rule = f"{spec.kind} jobs have no expectation value that is mitigated"
        raise BadInput(rule, field="mitigation", value=_names(spec), hint=LEAVE)


def check(spec: Spec, backend: Declaration) -> None:
    """Refuse methods that a job cannot have, saying which it can have.

    Args:
        spec: a job, its circuit parsed.
        backend: the backend that runs it.

    Raises:
        BadInput: names the method and the rule.
    """
    if not spec.mitigation:
        return
    assert isinstance(spec, Circuit | VQE | QAOA), "other kinds are refused by check_kind"
    if backend.provider:
        rule = f"{backend.name} runs circuits without mitigation in this version"
        raise BadInput(rule, field="mitigation", value=_names(spec), hint=f"use fake:DEVICE, or {LEAVE}")
    if spec.noise is None and not backend.simulates_devices:
        rule = f"there is nothing to mitigate: {backend.name} runs without noise"
        raise BadInput(rule, field="mitigation", value=_names(spec), hint=f"give noise, or {LEAVE}")
    if isinstance(spec, Circuit):
        _check_circuit(spec)
    elif spec.shots is None and spec.n_qubits > EXACT_QUBITS:
        rule = f"is required: of {spec.n_qubits} qubits more than {EXACT_QUBITS} the final circuit is sampled"
        raise BadInput(rule, field="shots", hint=f"give shots, or {LEAVE}")
    for position, method in enumerate(spec.mitigation):
        if missing := _obstacle(spec, method):
            able = ", ".join(_able(spec))
            field = f"mitigation[{position}]"
            raise BadInput(missing, field=field, value=method.name, hint=f"this job can have {able}")
        _check_sectors(spec, method, f"mitigation[{position}]")


def _check_circuit(spec: Circuit) -> None:
    demand = Demand(spec)
    if not spec.observables:
        rule = "is required with mitigation, which corrects expectation values"
        raise BadInput(rule, field="observables", hint=f"give observables, or {LEAVE}")
    for field, value in (("analyze", spec.analyze), ("error_correction", spec.error_correction)):
        if value:
            raise BadInput("is not available with mitigation", field=field, hint=f"leave it out, or {LEAVE}")
    if not acts_only_by_gates(demand.record["instructions"]):
        rule = "needs a circuit measured only at its end: others cannot be folded, or measured in other bases"
        raise BadInput(rule, field="mitigation", value=_names(spec), hint=f"move them, or {LEAVE}")


def _obstacle(spec: Spec, method: AnyMethod) -> str | None:
    """Return why a job cannot have a method, None if it can."""
    match method:
        case Readout(method="correlated") if (spec.n_qubits or 0) > MOST_CORRELATED:
            return f"correlated readout prepares 2^n states, for up to {MOST_CORRELATED} qubits"
        case SymmetryVerification(sectors=()) if not symmetric(spec):
            return "symmetry verification needs a symmetry: sectors, or an ansatz that conserves electrons"
        case VirtualDistillation() if (spec.n_qubits or 0) > MOST_DISTILLED:
            return f"virtual distillation squares the density matrix, of up to {MOST_DISTILLED} qubits"
        case ReferenceState() if not has_reference(spec):
            return "a reference state is an ansatz at angles 0 whose energy is known, and this job has none"
    return None


def _able(spec: Spec) -> Iterator[str]:
    every = (Readout(), Zne(), Twirling(), SymmetryVerification(), ReferenceState(), CliffordRegression(),
             VirtualDistillation())  # fmt: skip
    yield "auto"
    yield from (method.name for method in every if _obstacle(spec, method) is None)


def symmetric(spec: Spec) -> bool:
    """Return whether the ideal state of a job has known numbers of electrons of each spin."""
    return isinstance(spec, VQE) and isinstance(spec.ansatz, Uccsd | Adapt)


def has_reference(spec: Spec) -> bool:
    """Return whether a job's circuit at angles 0 is a state close to its result."""
    return isinstance(spec, VQE) and isinstance(spec.ansatz, Uccsd | Adapt | CircuitAnsatz)


def _check_sectors(spec: Circuit | VQE | QAOA, method: AnyMethod, field: str) -> None:
    if not isinstance(method, SymmetryVerification):
        return
    n = spec.n_qubits or 0
    for position, sector in enumerate(method.sectors):
        at = f"{field}.sectors[{position}]"
        if (worst := max(sector.qubits)) >= n:
            raise BadInput(f"must be one of the qubits 0 to {n - 1}", field=f"{at}.qubits", value=worst)
        if len(set(sector.qubits)) < len(sector.qubits):
            raise BadInput("has a qubit twice", field=f"{at}.qubits", value=list(sector.qubits))
        if sector.ones > len(sector.qubits):
            rule = f"must be at most {len(sector.qubits)}, the number of qubits"
            raise BadInput(rule, field=f"{at}.ones", value=sector.ones)
        if isinstance(spec, Circuit):
            for number, observable in enumerate(spec.observables):
                if not _conserved(observable.terms, sector):
                    rule = f"is no symmetry of observables[{number}], {observable.name}"
                    hint = "leave the sector out, or the observable"
                    raise BadInput(rule, field=at, value=list(sector.qubits), hint=hint)


def _conserved(terms: Iterable[tuple[str, float]], sector: Sector) -> bool:
    """Return whether a sum of Pauli strings commutes with the number of ones on some qubits."""
    left: dict[tuple[int, int], complex] = {}
    greatest = 0.0
    for letters, coefficient in terms:
        greatest = max(greatest, abs(coefficient))
        x, z = masks(letters)
        for qubit in sector.qubits:
            bit = 1 << (len(letters) - 1 - qubit)
            if x & bit:  # [Z, X] = 2iY and [Z, Y] = -2iX
                key = (x, z ^ bit)
                left[key] = left.get(key, 0.0) + (-coefficient if z & bit else coefficient)
    return all(abs(value) <= COMMUTES * greatest for value in left.values())


@dataclass(frozen=True)
class Count:
    """What a mitigation runs.

    Attributes:
        circuits: number of different circuits, an estimate for `auto` and symmetries.
        depth: factor of the circuit's depth, averaged over them.
    """

    circuits: int
    depth: float


def measured(observables: Iterable[Iterable[tuple[str, float]]]) -> int:
    """Return the number of settings in which some observables are measured."""
    coefficients: dict[tuple[int, int], float] = {}
    for terms in observables:
        for letters, coefficient in terms:
            key = masks(letters)
            coefficients[key] = coefficients.get(key, 0.0) + abs(coefficient)
    return max(1, len(settings(list(coefficients), list(coefficients.values()))))


def count(methods: Sequence[AnyMethod], n_settings: int, n_qubits: int) -> Count:
    """Return how many circuits the methods run for so many settings, and how deep these are."""
    circuits, calibrating, copies = 1, 0, 1
    scales: tuple[int, ...] = (1,)
    for method in methods:
        match method:
            case Readout():
                calibrating = 1 << n_qubits if method.method == "correlated" else 2
            case Zne():
                scales = method.scales
            case Twirling():
                copies = method.circuits
            case SymmetryVerification():
                n_settings *= 2
            case ReferenceState():
                circuits += 1
            case CliffordRegression():
                circuits += method.circuits
            case Auto():
                scales, calibrating = (1, 3), 2
    total = n_settings * circuits * len(scales) * copies + calibrating
    return Count(total, sum(scales) / len(scales))


def check_shots(spec: Spec, n_circuits: int) -> None:
    """Refuse fewer shots than the circuits need.

    Raises:
        BadInput: names the least number.
    """
    each = LEAST_SHOTS * (ROUNDS if isinstance(spec.mitigation[0], Auto) else 1)
    if spec.shots is not None and spec.shots < each * n_circuits:
        rule = (
            f"must be at least {each * n_circuits:,} with this mitigation: {each} for each of "
            f"about {n_circuits:,} circuits, which share the shots"
        )
        raise BadInput(rule, field="shots", value=spec.shots, hint=f"give more shots, or {LEAVE}")


def of_loop(spec: VQE | QAOA, n_settings: int | None) -> str:
    """Return what a loop's mitigation does, for `explain`; empty without mitigation."""
    if not spec.mitigation:
        return ""
    named = f"; the final value is mitigated by {', '.join(_names(spec))}"
    if n_settings is None:
        return named
    asked = count(spec.mitigation, max(1, n_settings), spec.n_qubits)
    per_setting = n_settings if isinstance(spec, VQE) else 1
    shots = "exact probabilities" if spec.shots is None else f"{spec.shots * per_setting:,} shots in all"
    return f"{named}: about {asked.circuits:,} circuits, {shots}"


def _names(spec: Spec) -> list[str]:
    return [method.name for method in spec.mitigation]
