"""Exports the circuit of a completed job with bound parameters."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, TypedDict

import numpy as np

from novacron.inputs.encoding import Encoding
from novacron.json_types import JsonObject
from novacron.specs import QAOA, VQE, Circuit, Spec, parse_spec
from novacron.specs.ansatz import CircuitAnsatz
from novacron.specs.circuit_text import ParsedCircuit
from shared.circuits import binding
from shared.circuits.instruction import Gate
from shared.circuits.record import CircuitRecord
from shared.circuits.validation import record_from_json
from workers.runtime.outcome import UserError

ORDER = (
    "qubit i of the job is q[i]; strings of the job have qubit 0 leftmost, Qiskit's rightmost: "
    "SparsePauliOp(string[::-1])"
)


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    spec: JsonObject
    parameters: Sequence[float] | None
    operators: Sequence[str] | None
    remarks: Sequence[str]
    format: Literal["qasm3", "qpy"]


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Return the circuit of a job's spec at the parameters of its result; the seed is unused.

    Returns:
        `format`, `circuit` (text for `qasm3`, base64 for `qpy`), `n_qubits` and `gates`, name -> count.

    Raises:
        UserError: a job whose result is not one circuit, or parameters that do not match the circuit.
    """
    spec, values = parse_spec(arguments["spec"], stored=True), arguments["parameters"] or ()
    record = bound(spec, values, arguments["operators"] or ())
    checkpoint()
    from shared.circuits.qasm3.writer import to_qasm3
    from shared.circuits.qiskit_circuit import to_qpy

    remarks = [*arguments["remarks"], ORDER]
    if arguments["format"] == "qasm3":
        written = to_qasm3(record, remarks)
    else:
        written = base64.b64encode(to_qpy(record, remarks)).decode()
    return {
        "format": arguments["format"],
        "circuit": written,
        "n_qubits": record.n_qubits,
        "gates": record.gate_counts(),
    }


def bound(spec: Spec, values: Sequence[float], operators: Sequence[str] = ()) -> CircuitRecord:
    """Return the circuit that a spec describes, without free parameters.

    Args:
        spec: spec of the job, its circuits parsed.
        values: the parameters as the result has them.
        operators: labels of the operators selected by an ansatz that grows.

    Raises:
        UserError: as `run`.
    """
    match spec:
        case Circuit(circuit=ParsedCircuit(record=record)):
            return record_from_json(record)
        case VQE(ansatz=CircuitAnsatz(circuit=dict() as record)):
            free = record_from_json(record)
            _check_count(len(values), len(free.parameters))
            return binding.bound(free, values)
        case VQE():
            return _of_ansatz(spec, values, operators)
        case QAOA():
            return _of_qaoa(spec, values)
    raise UserError(
        f"kind: the answer of {spec.kind!r} is no single circuit; VQE, QAOA and circuits have one"
    )


def _of_ansatz(spec: VQE, values: Sequence[float], operators: Sequence[str]) -> CircuitRecord:
    from workers.quantum.ansatz.adapt import Adapt
    from workers.quantum.hamiltonians import hamiltonian
    from workers.quantum.variational.system import system

    known, trial = system(spec)
    chosen = trial.chosen(operators) if isinstance(trial, Adapt) else ()
    record = _record(trial.circuit(chosen), values)
    declared = hamiltonian(spec.hamiltonian).encoded
    return record if known.encoded == declared else _encoded(record, declared)


def _encoded(record: CircuitRecord, encoding: Encoding) -> CircuitRecord:
    """Return a circuit with one qubit per spin orbital, spins interleaved, and the change of encoding.

    Exchanging fermions changes the sign; then each qubit accumulates the occupations it stores.
    """
    n, places = encoding.n_qubits, encoding.places()
    signs = [Gate("cz", (j, k)) for j in range(n) for k in range(j + 1, n) if places[j] > places[k]]
    gates = [gate for gate in (*record.instructions, *signs) if isinstance(gate, Gate)]
    moved = [replace(gate, qubits=tuple(places[q] for q in gate.qubits)) for gate in gates]
    sums = [Gate("cx", (q, place)) for place in range(n) for q in encoding.summed(place)[1:]]
    return replace(record, instructions=(*moved, *sums))


def _of_qaoa(spec: QAOA, values: Sequence[float]) -> CircuitRecord:
    from workers.quantum import backends
    from workers.quantum.variational.ising import ising
    from workers.quantum.variational.qaoa import Qaoa

    target = Qaoa(ising(spec.problem), backends.load("statevector"), len(values) // 2)
    return _record(target.circuit(len(values) // 2), target.point(values))


def _record(program: Any, values: Any) -> CircuitRecord:
    from workers.quantum.simulation.lowering.standard_gates import gates

    _check_count(len(values), program.n_parameters)
    written = gates(program, np.asarray(values, dtype=np.float64))
    return CircuitRecord(program.n_qubits, (), (), tuple(written))


def _check_count(given: int, wanted: int) -> None:
    if given != wanted:
        raise UserError(f"arguments.parameters: {given} values for the circuit's {wanted} parameters")
