"""Noisy circuits whose exact values are known: H2 with 6 and 39 CX, and a QAOA on 10 qubits.

The noise is 0.5 % depolarizing after each CX, in Qiskit's convention, and 2 % readout errors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from novacron.specs.mitigation import Sector
from novacron.specs.noise import Noise
from shared.circuits.instruction import Gate
from shared.circuits.reader import read
from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from workers.quantum import backends
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.measurement import Histogram
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.runner import BackendRunner
from workers.quantum.simulation.noise.model import NoiseModel

DATA = Path(__file__).parents[2] / "examples" / "data"
ANGLE = -0.22613627
"""Angle of the lowest energy of H2 at 0.7414 angstrom in both circuits."""
ELECTRONS = (Sector(qubits=(0, 2), ones=1), Sector(qubits=(1, 3), ones=1))
"""One electron of each spin."""
ONE_STRING = """
OPENQASM 3.0; include "stdgates.inc"; input float theta; qubit[4] q;
x q[0]; x q[1]; h q[0]; h q[1]; h q[2]; sdg q[3]; h q[3];
cx q[3], q[2]; cx q[2], q[1]; cx q[1], q[0];
rz(theta) q[0];
cx q[1], q[0]; cx q[2], q[1]; cx q[3], q[2]; h q[0]; h q[1]; h q[2]; h q[3]; s q[3];
"""


@dataclass(frozen=True)
class Case:
    """A problem with its exact value.

    Attributes:
        problem: one circuit with one observable.
        exact: value of the observable without errors.
    """

    problem: Problem
    exact: float

    @property
    def runner(self) -> BackendRunner:
        """Runs its circuits exactly, on a density matrix."""
        return BackendRunner(backends.load("density_matrix"), self.problem.isa.noise)


@dataclass
class Sampled:
    """Draws samples from exact distributions, which are simulated once.

    Attributes:
        exact: simulates the circuits.
        known: the distributions so far.
        rng: draws the samples.
    """

    exact: BackendRunner
    known: dict[CircuitRecord, Histogram]
    rng: np.random.Generator

    def run(self, circuits: Sequence[CircuitRecord], shots: Sequence[int] | None) -> list[Histogram]:
        """See `workers.quantum.mitigation.runner.Runner`."""
        missing = [one for one in dict.fromkeys(circuits) if one not in self.known]
        self.known.update(zip(missing, self.exact.run(missing, None), strict=True))
        found = [self.known[one] for one in circuits]
        if shots is None:
            return found
        return [self._drawn(one, number) for one, number in zip(found, shots, strict=True)]

    def _drawn(self, one: Histogram, shots: int) -> Histogram:
        counts = self.rng.multinomial(shots, one.weights / one.weights.sum()).astype(np.float64)
        return Histogram(one.outcomes[counts > 0], counts[counts > 0], shots)


def noise(n_qubits: int, p: float = 0.005, readout: float = 0.02) -> NoiseModel:
    """Return the noise on so many qubits."""
    model = Noise(
        errors=[{"name": "depolarizing", "p": p, "gates": ["cx"]}],
        readout=[[1 - readout, readout], [readout, 1 - readout]],
    )
    return NoiseModel(model.document, range(n_qubits))


@cache
def h2(*, full: bool = False) -> Case:
    """Return H2: one Pauli rotation (6 CX), or the full double excitation (39 CX)."""
    known = json.loads((DATA / "h2_sto3g_0.7414.json").read_text())
    text = (Path(__file__).parent / "h2_uccd.qasm3").read_text() if full else ONE_STRING
    isa = Isa(read(text), (0, 1, 2, 3), noise(4))
    terms = [(string, coefficient) for string, coefficient in known["terms"]]
    problem = Problem(isa.at((ANGLE,)), [terms], isa.at((0.0,)), (), ELECTRONS)
    return Case(problem, known["e_fci"])


@cache
def qaoa() -> Case:
    """Return a QAOA of one layer on 10 nodes of degree 3 (30 CX): minus the cut, up to a constant."""
    graph = json.loads((DATA / "reg3_n10_a.json").read_text())
    edges = [tuple(edge[:2]) for edge in graph["edges"]]
    gamma, beta = 0.56158969, -0.34022491  # the optimum
    body = [Gate("h", (node,)) for node in range(10)]
    for a, b in edges:
        body += [Gate("cx", (a, b)), Gate("rz", (b,), (gamma,)), Gate("cx", (a, b))]
    body += [Gate("rx", (node,), (2 * beta,)) for node in range(10)]
    record = CircuitRecord(10, (), (), tuple(body))
    terms = [("".join("Z" if node in edge else "I" for node in range(10)), 0.5) for edge in edges]
    batch = Batch((Pub.of(record, (), terms),), frozenset({Want.EXPECTATIONS}))
    (answer,) = answers(backends.load("statevector"), batch)
    assert answer.expectations is not None
    return Case(Problem(Isa(record, tuple(range(10)), noise(10)), [terms]), float(answer.expectations))
