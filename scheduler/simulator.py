"""Which simulator runs a circuit that leaves the choice open, and why."""

from __future__ import annotations

from novacron.errors import BadInput
from novacron.specs import Circuit
from novacron.specs.circuit_text import ParsedCircuit
from novacron.specs.noise import Noise
from shared.backends import BACKENDS
from shared.circuit.clifford import branches, first_non_clifford, measured_at_end

SMALL_QUBITS = 10
"""Up to here a density matrix is quicker than anything that samples."""
EXACT_QUBITS = 12
"""Up to here a density matrix is chosen for noise; beyond, a job must insist on it."""
WIDE_QUBITS = 20
"""Beyond this a tableau is chosen for Clifford circuits without noise, too."""
PAULI = frozenset({"depolarizing", "pauli", "bit_flip", "phase_flip", "phase_damping", "crosstalk"})
"""Errors that a stabilizer simulator applies as they are."""


def choose(spec: Circuit) -> tuple[str, str]:
    """The simulator's name, and the reason.

    Raises:
        BadInput: no simulator gives what is asked.
    """
    n_qubits = spec.n_qubits or 0
    if spec.analyze:
        return "density_matrix", f"{', '.join(spec.analyze)} need a density matrix"
    if spec.noise is None:
        return _noiseless(spec, n_qubits)
    if n_qubits <= SMALL_QUBITS:
        return "density_matrix", f"noise on {n_qubits} qubits, few enough for a density matrix"
    if spec.shots is not None and _tabular(spec) and _is_pauli(spec.noise):
        return "stabilizer", f"Clifford circuit with Pauli noise on {n_qubits} qubits, sampled"
    if n_qubits <= EXACT_QUBITS:
        return "density_matrix", f"noise on {n_qubits} qubits, few enough for a density matrix"
    if spec.shots is not None:
        return "trajectories", f"noise on {n_qubits} qubits, too many for a density matrix, sampled"
    wanted = BACKENDS["density_matrix"].memory_bytes(n_qubits)
    raise BadInput(
        f"is required: exact results of {n_qubits} qubits with noise need a density matrix of {wanted:,} "
        f"bytes, which is chosen up to {EXACT_QUBITS} qubits",
        field="shots", hint="give shots to sample trajectories",
    )  # fmt: skip


def _noiseless(spec: Circuit, n_qubits: int) -> tuple[str, str]:
    if n_qubits > WIDE_QUBITS and _tabular(spec):
        return "stabilizer", f"Clifford circuit of {n_qubits} qubits, more than {WIDE_QUBITS}"
    return "statevector", "state vector on CPU"


def _tabular(spec: Circuit) -> bool:
    """Whether the stabilizer simulator is sure to give what is asked."""
    instructions = _instructions(spec)
    if branches(instructions) or first_non_clifford(instructions):
        return False
    return spec.shots is not None or measured_at_end(instructions)


def _is_pauli(noise: Noise) -> bool:
    return all(error.name in PAULI for error in noise.errors)


def _instructions(spec: Circuit) -> list[dict[str, object]]:
    assert isinstance(spec.circuit, ParsedCircuit)
    return list(spec.circuit.record["instructions"])


def check(spec: Circuit, name: str) -> None:
    """Refuse what a simulator cannot do of a circuit.

    Raises:
        BadInput: names the field, the rule and what to do.
    """
    _check_content(spec)
    if not BACKENDS[name].circuits:
        hint = "take backend: auto"
        raise BadInput(
            f"{name} does not run pure_quantum jobs", field="backend", value=spec.backend, hint=hint
        )
    if spec.noise is not None and not BACKENDS[name].noise:
        hint = "take auto, density_matrix, trajectories or stabilizer"
        raise BadInput(f"{name} takes no noise model", field="backend", value=spec.backend, hint=hint)
    if spec.analyze and name != "density_matrix":
        hint = "take backend: density_matrix, or auto"
        raise BadInput(f"{name} analyzes no states", field="analyze", value=list(spec.analyze), hint=hint)
    if name == "trajectories" and spec.shots is None:
        hint = "give the number of trajectories, or take density_matrix"
        raise BadInput("is required: trajectories sample", field="shots", hint=hint)
    if name == "stabilizer":
        _check_clifford(spec)


def _check_content(spec: Circuit) -> None:
    """Refuse free parameters, and observables of another width than the circuit's."""
    assert isinstance(spec.circuit, ParsedCircuit)
    if parameters := spec.circuit.record.get("parameters"):
        rule = f"has parameters without values: {', '.join(parameters)}"
        raise BadInput(rule, field="circuit", hint="write numbers in their place")
    for position, observable in enumerate(spec.observables):
        if (width := len(observable.terms[0][0])) != spec.n_qubits:
            rule = f"acts on {width} qubits, the circuit has {spec.n_qubits}"
            raise BadInput(rule, field=f"observables[{position}].terms", hint="one letter a qubit")


def _check_clifford(spec: Circuit) -> None:
    found = first_non_clifford(_instructions(spec))
    if found and found.certain:
        rule = f"is not Clifford: {found.gate} at {found.position}"
        raise BadInput(rule, field="circuit", hint="take backend: auto")
