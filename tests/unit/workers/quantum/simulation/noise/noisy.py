"""Circuits with noise as jobs ask for them, and the closed forms they are held against."""

from novacron.specs import parse_spec
from shared.circuits.reader import read
from workers.quantum import backends
from workers.quantum.backends.circuits import Asked
from workers.quantum.simulation.noise.model import NoiseModel

HEADER = 'OPENQASM 3.0; include "stdgates.inc"; '
BELL = HEADER + "qubit[2] q; h q[0]; cx q[0], q[1];"


def model(noise, n_qubits):
    """The noise model of a job file on so many qubits."""
    spec = parse_spec({"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3.0;"}, "noise": noise})
    assert spec.noise is not None
    return NoiseModel(spec.noise.model_dump(mode="json"), range(n_qubits))


def run(backend, circuit, noise=None, *, shots=None, seed=0, observables=(), analyze=(), warnings=None):
    """The answers of a backend to a circuit, OpenQASM text or a record."""
    record = read(circuit) if isinstance(circuit, str) else circuit
    asked = Asked(
        record=record,
        noise=None if noise is None else model(noise, record.n_qubits),
        shots=shots,
        seed=seed,
        observables={string: [(string, 1.0)] for string in observables},
        analyze=analyze,
        checkpoint=lambda: None,
        warn=[].append if warnings is None else warnings.append,
    )
    return backends.load_circuits(backend).run(asked)


def distance(one, other):
    """Total variation distance of two distributions by outcome."""
    return 0.5 * sum(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in {*one, *other})


def frequencies(counts):
    """Counts as shares of their sum."""
    total = sum(counts.values())
    return {key: value / total for key, value in counts.items()}
