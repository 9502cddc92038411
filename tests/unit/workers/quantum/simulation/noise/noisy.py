"""Circuits with noise as jobs ask for them, and the closed forms they are held against."""

import numpy as np

from novacron.specs import parse_spec
from shared.circuits.reader import read
from shared.quantum.wants import Want
from workers.quantum import backends
from workers.quantum.backends.base import Control
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.simulation.noise.model import NoiseModel

HEADER = 'OPENQASM 3.0; include "stdgates.inc"; '
BELL = HEADER + "qubit[2] q; h q[0]; cx q[0], q[1];"


def model(noise, n_qubits):
    """The noise model of a job file on so many qubits."""
    spec = parse_spec({"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3.0;"}, "noise": noise})
    assert spec.noise is not None
    return NoiseModel(spec.noise.document, range(n_qubits))


def run(backend, circuit, noise=None, *, shots=None, seed=0, observables=(), analyze=(), warnings=None):
    """The answers of a backend to a circuit, OpenQASM text or a record, by the names of a result."""
    record = read(circuit) if isinstance(circuit, str) else circuit
    asked = np.empty(len(observables), dtype=object)
    for number, string in enumerate(observables):
        asked[number] = [(string, 1.0)]
    want = {Want.DISTRIBUTION if shots is None else Want.COUNTS, *map(Want, analyze)}
    batch = Batch(
        (Pub(record, observables=asked),),
        frozenset(want | ({Want.EXPECTATIONS} if observables else set())),
        shots,
        seed=seed,
        noise=None if noise is None else model(noise, record.n_qubits),
    )
    told = Control(warn=[].append if warnings is None else warnings.append)
    (answer,) = answers(backends.load(backend), batch, told)
    return dict(_named(answer, list(observables)))


def _named(answer, observables):
    for key, values in (("counts", answer.counts), ("probabilities", answer.distributions)):
        if values is not None:
            yield key, values.item()
    if answer.expectations is not None:
        yield "expectations", dict(zip(observables, answer.expectations.tolist(), strict=True))
    if answer.variances is not None:
        yield "standard_errors", dict(zip(observables, np.sqrt(answer.variances).tolist(), strict=True))
    named = (("purity", answer.purities), ("entropy_bits", answer.entropies), ("fidelity", answer.fidelities))
    yield from ((key, values.item()) for key, values in named if values is not None)
    if answer.notes:
        yield "receipt", dict(answer.notes)


def distance(one, other):
    """Total variation distance of two distributions by outcome."""
    return 0.5 * sum(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in {*one, *other})


def frequencies(counts):
    """Counts as shares of their sum."""
    total = sum(counts.values())
    return {key: value / total for key, value in counts.items()}
