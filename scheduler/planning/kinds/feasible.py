"""Static checks of a VQE before it runs: incompatible circuits, term families and frequencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from novacron.errors import BadInput
from novacron.specs import VQE, magnitude
from novacron.specs.ansatz import CircuitAnsatz, HamiltonianVariational
from novacron.specs.qaoa import few_multiples_of_one
from shared.circuits.written import WrittenInstruction, WrittenRecord
from shared.quantum.commuting import families
from shared.quantum.pauli_terms import Terms, terms

MOST_TERMS = 2000
"""Above this many terms the worker checks: testing whether they commute takes up to quadratic time."""
MATRIX_BYTES = {"slsqp": 84, "cobyla": 32, "nelder_mead": 16, "powell": 16, "qng": 24}
"""Bytes that an optimizer stores for each pair of parameters."""
MOST_BYTES = 4e9
HALVED = ("cp", "crx", "cry", "crz")
WHOLE = ("rx", "ry", "rz", "rxx", "ryy", "rzz", "rzx", "p", "u")
"""Gates that rotate by half their angle, and by their full angle."""
EQUAL_STEPS = "choose spsa, cobyla or nelder_mead, or lbfgs without shots"


def check(spec: VQE) -> None:
    """Refuse what a worker would refuse.

    Raises:
        BadInput: names the field and the cure.
    """
    _check_matrix(spec)
    known = None if (spec.n_terms or 0) > MOST_TERMS else terms(spec.hamiltonian)
    magnitude.check(magnitude.coefficients(spec.hamiltonian), "hamiltonian")
    match spec.ansatz:
        case CircuitAnsatz(circuit=stored) if stored is not None:
            record = cast("WrittenRecord", stored)
            _check_circuit(record, spec.n_qubits)
            if spec.optimizer.name == "rotosolve":
                for name in record["parameters"]:
                    _check_rates(name, record["instructions"])
        case HamiltonianVariational():
            if known is not None:
                _check_families(spec, known)


def _check_matrix(spec: VQE) -> None:
    n, name = spec.n_parameters or 0, spec.optimizer.name
    wanted = MATRIX_BYTES.get(name, 0) * n * n
    if wanted > MOST_BYTES:
        rule = f"{name} keeps a number for each pair of parameters, {wanted / 1e9:,.0f} GB for {n:,} of them"
        raise BadInput(rule, field="optimizer.name", value=name, hint="use lbfgs, adam or spsa")


def _check_circuit(record: WrittenRecord, n_qubits: int) -> None:
    if record["n_qubits"] != n_qubits:
        rule = f"the circuit has {record['n_qubits']} qubits, the Hamiltonian acts on {n_qubits}"
        raise BadInput(rule, field="ansatz.qasm", hint="use as many qubits as a Pauli string has letters")
    measured: set[int] = set()
    for instruction in record["instructions"]:
        if "measure" in instruction:
            measured.add(instruction["measure"])
        elif "gate" in instruction:
            again = measured.intersection(instruction["qubits"])
            if again:
                raise _not_unitary(
                    f"gate {instruction['gate']} acts on qubit {min(again)} after its measurement"
                )
        elif "barrier" not in instruction:
            raise _not_unitary(f"{next(iter(instruction))!r} is no gate")


def _not_unitary(what: str) -> BadInput:
    hint = "an ansatz has gates only; measurements may stand at its end"
    return BadInput(f"{what}; an ansatz must be unitary", field="ansatz.qasm", hint=hint)


def _check_rates(name: str, instructions: Sequence[WrittenInstruction]) -> None:
    """Check that each parameter rotates its gates at multiples of one frequency, as Rotosolve requires."""
    rates = []
    for instruction in instructions:
        for angle in instruction.get("params", ()):
            scale = abs(angle["terms"].get(name, 0.0)) if isinstance(angle, Mapping) else 0.0
            if scale and instruction["gate"] not in (*WHOLE, *HALVED):
                return
            rates += [scale * (0.5 if instruction["gate"] in HALVED else 1.0)] if scale else []
    if not few_multiples_of_one(rates):
        rule = f"rotosolve needs the parameter {name!r} to turn its gates at few multiples of one rate"
        raise BadInput(rule, field="optimizer.name", value="rotosolve", hint=EQUAL_STEPS)


def _check_families(spec: VQE, known: Terms) -> None:
    """Check that the ansatz has a mixer family and another one, that is, terms that do not all commute."""
    coefficients = list(known.values())
    cut = families(list(known), coefficients)
    if len(cut) < 2:
        rule = "all terms of the Hamiltonian commute, so there is no family to alternate with"
        hint = "use hardware_efficient, or exact_diagonalization"
        raise BadInput(rule, field="ansatz.name", value="hamiltonian_variational", hint=hint)
    weights = [[coefficients[k] for k in family] for family in cut]
    diagonal = [value for (x, z), value in known.items() if z and not x]
    name = spec.optimizer.name
    if name == "rotosolve" and not all(map(few_multiples_of_one, weights)):
        rule = "rotosolve needs families of terms whose weights are few whole multiples of one number"
        raise BadInput(rule, field="optimizer.name", value=name, hint=EQUAL_STEPS)
    if spec.shots and spec.optimizer.gradient and not few_multiples_of_one(diagonal):
        what = f"a gradient from shots, which {name} asks for,"
        rule = f"{what} needs diagonal terms whose weights are few whole multiples of one number"
        raise BadInput(rule, field="optimizer.name", value=name, hint=EQUAL_STEPS)
