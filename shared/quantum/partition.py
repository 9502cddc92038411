"""Partition of evaluations into units of work: measurement settings at parameter vectors; sizes of circuits.

Planners count the units, workers split their work by the same terms, settings and frequencies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novacron.specs import QAOA, VQE
from novacron.specs.ansatz import (
    AnyHamiltonian,
    CircuitAnsatz,
    HamiltonianVariational,
    HardwareEfficient,
    Uccsd,
)
from novacron.specs.hamiltonian import Heisenberg, Hubbard, PauliTerms, Tfim
from shared.quantum.excitations import allowed, singles_doubles
from shared.quantum.measurement import settings
from shared.quantum.pauli_terms import Terms, terms

SHARD = 128
"""Training samples of a classifier per unit of work."""
MOST_TERMS = 2000
"""Maximum number of terms to group: finding their settings takes up to quadratic time."""

USUAL_TERMS = 50
"""Assumed number of terms of a Hamiltonian that only a worker can expand."""

STRINGS, USUAL_WEIGHT = 8, 2
"""Pauli strings of a double excitation, each on half of the qubits; assumed weight of unknown strings."""

ROTATION, EXCITATION = 2, 4
"""Shifted evaluations per derivative by one angle: two per frequency."""

ROTATIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    **{name: ((0,),) for name in ("rx", "ry", "rz", "rxx", "ryy", "rzz", "rzx", "gphase")},
    **{name: ((0,), (0,)) for name in ("p", "crx", "cry", "crz")},
    "cp": ((0,), (0,), (0,), (0,)),
    "u": ((1, 2), (2,), (0,), (1,)),
    "cu": ((1, 2, 3), (1, 2, 3), (2,), (2,), (0,), (0,), (1,), (1,)),
    "xx_plus_yy": ((1,), (0,), (0,), (1,)),
    "xx_minus_yy": ((1,), (0,), (0,), (1,)),
}
"""Gate -> its Pauli rotations, each given by the indices of the gate's angles that enter its angle."""


def units(spec: VQE) -> int | None:
    """Return the units of work of one evaluation; None if only a worker can determine it."""
    if spec.shots is None:
        return 1
    measured, at = n_settings(spec), n_points(spec)
    return None if measured is None or at is None else max(1, measured) * at


def n_settings(spec: VQE) -> int | None:
    """Return the number of measurement settings for all terms; None if only a worker can determine it."""
    known = _terms(spec.hamiltonian)
    return None if known is None else len(settings(list(known), known.values()))


def n_points(spec: VQE) -> int | None:
    """Count the parameter vectors of one evaluation: the point, and its shifts for gradient optimizers."""
    if not spec.optimizer.gradient:
        return 1
    shifts = _shifts(spec)
    return None if shifts is None else 1 + shifts


def n_masks(spec: VQE) -> int:
    """Return the number of distinct X masks, each a sweep over the state; an upper bound if unknown."""
    known = _terms(spec.hamiltonian)
    return len({x for x, _ in known}) if known is not None else spec.n_terms or USUAL_TERMS


def n_ops(spec: VQE) -> int:
    """Return the approximate number of gates of the ansatz."""
    n, n_parameters = spec.n_qubits, spec.n_parameters or 4 * spec.n_qubits
    match spec.ansatz:
        case HardwareEfficient(layers=layers, entangler=entangler):
            return n_parameters + layers * (n * (n - 1) // 2 if entangler == "full" else n)
        case CircuitAnsatz(circuit=record) if record is not None:
            return len(record["instructions"])
        case HamiltonianVariational(layers=layers):
            return layers * (spec.n_terms or USUAL_TERMS)
        case _:
            return n_parameters


def sizes(spec: VQE | QAOA) -> tuple[int, int]:
    """Return the approximate numbers of two-qubit gates and of rotations of a loop's circuit as gates."""
    if isinstance(spec, QAOA):
        return 2 * spec.n_terms * spec.layers, (spec.n_terms + spec.n_qubits) * spec.layers
    n = spec.n_qubits
    match spec.ansatz:
        case HardwareEfficient(layers=layers, entangler=entangler):
            pairs = {"full": n * (n - 1) // 2, "ring": n}.get(entangler, n - 1)
            return layers * pairs, spec.n_parameters or n
        case CircuitAnsatz(circuit=record) if record is not None:
            gates = record["instructions"]
            wide = (len(gate["qubits"]) for gate in gates if len(gate.get("qubits", ())) > 1)
            return 2 * sum(width - 1 for width in wide), sum(map(_n_rotations, gates))
        case HamiltonianVariational(layers=layers):
            known = _terms(spec.hamiltonian)
            weights = [USUAL_WEIGHT] * (spec.n_terms or USUAL_TERMS)
            if known is not None:
                weights = [weight for x, z in known if (weight := (x | z).bit_count())]
            return layers * sum(2 * (weight - 1) for weight in weights), layers * len(weights)
        case _:
            excitations = _n_excitations(spec.hamiltonian) or spec.n_parameters or 4 * n
            return excitations * STRINGS * n, excitations * STRINGS


def _terms(hamiltonian: AnyHamiltonian) -> Terms | None:
    """Return the measured terms; None if there are too many, or a worker transforms them first."""
    encoded = isinstance(hamiltonian, PauliTerms) and not hamiltonian.encoding.plain
    return None if encoded or (hamiltonian.n_terms or 0) > MOST_TERMS else terms(hamiltonian)


def _shifts(spec: VQE) -> int | None:
    match spec.ansatz:
        case HardwareEfficient():
            return ROTATION * (spec.n_parameters or 0)
        case Uccsd():
            excitations = _n_excitations(spec.hamiltonian)
            return None if excitations is None else EXCITATION * excitations
        case HamiltonianVariational(layers=layers):
            frequencies = _frequencies(spec.hamiltonian)
            return None if frequencies is None else layers * 2 * frequencies
        case CircuitAnsatz(circuit=record) if record is not None:
            return ROTATION * sum(map(_n_rotations, record["instructions"]))
        case _:
            return None


def _n_rotations(instruction: Mapping[str, Any]) -> int:
    """Return the number of a gate's rotations whose angle depends on a parameter."""
    free = {
        number
        for number, angle in enumerate(instruction.get("params", ()))
        if isinstance(angle, Mapping) and angle.get("terms")
    }
    return (
        sum(bool(free.intersection(entering)) for entering in ROTATIONS[instruction["gate"]]) if free else 0
    )


def _n_excitations(hamiltonian: AnyHamiltonian) -> int | None:
    reference, known = _reference(hamiltonian), _terms(hamiltonian)
    if reference is None or known is None:
        return None
    return sum(1 for _ in allowed(singles_doubles(reference), [x for x, _ in known], len(reference)))


def _reference(hamiltonian: AnyHamiltonian) -> str | None:
    """Return the reference basis state of excitations: as given, or the Neel state of a Hubbard chain."""
    if isinstance(hamiltonian, PauliTerms):
        return hamiltonian.hf_bitstring if hamiltonian.encoding.plain else None
    return hamiltonian.neel if isinstance(hamiltonian, Hubbard) else None


def _frequencies(hamiltonian: AnyHamiltonian) -> int | None:
    """Count the frequencies of one layer: level differences of a diagonal family, and one per rotation.

    None if the levels are not equidistant, which a worker rejects, or not known without enumerating them.
    """
    match hamiltonian:
        case Tfim(hz=0.0, n_qubits=n):
            return _domain_walls(hamiltonian) * (hamiltonian.J != 0) + n * (hamiltonian.h != 0)
        case Heisenberg(h=0.0, Jx=Jx, Jy=Jy, Jz=Jz):
            return hamiltonian.n_bonds * ((Jx != 0) + (Jy != 0)) + _domain_walls(hamiltonian) * (Jz != 0)
        case Hubbard(mu=0.0, n_sites=n):
            hops = n if hamiltonian.periodic else n - 1
            return 4 * hops * (hamiltonian.t != 0) + n * (hamiltonian.U != 0)
        case _:
            return None


def _domain_walls(chain: Tfim | Heisenberg) -> int:
    """Return the number of level steps of sum Z_i Z_i+1; a ring has an even number of domain walls."""
    return chain.n_bonds // 2 if chain.periodic else chain.n_bonds
