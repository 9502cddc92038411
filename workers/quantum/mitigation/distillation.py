"""Virtual distillation with two copies: the observables of the squared, normalized state.

A diagnosis on simulated states: it leaves the drift of the dominant eigenvector, which stays in every power.
On a device it would take twice the qubits.

Source: Huggins et al., Phys. Rev. X 11, 041036 (2021), equation 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from shared.quantum.wants import Want
from workers.quantum import backends
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.mitigation.problem import Problem
from workers.quantum.simulation.ir.gates import pauli
from workers.quantum.simulation.ir.program import Float


@dataclass(frozen=True, eq=False)
class Distilled:
    """Properties of the noisy state before it is read.

    Attributes:
        values: float64[n], tr(rho^2 O)/tr(rho^2) of each observable.
        purity: tr(rho^2).
    """

    values: Float
    purity: float


def distilled(problem: Problem) -> Distilled:
    """Return the distilled values of a problem's circuit, exactly; the time grows as 16^n."""
    strings = ["".join(letters) for letters in product("IXYZ", repeat=problem.isa.n_letters)]
    matrices = np.stack([pauli(string) for string in strings])
    rho = np.tensordot(_means(problem, strings), matrices, axes=1) / len(matrices[0])
    square = rho @ rho
    purity = float(np.trace(square).real)
    observables, every = problem.observables, dict(zip(strings, matrices, strict=True))
    means = np.array([np.trace(square @ every[string]).real for string in observables.strings]) / purity
    return Distilled(observables.energies(means)[: problem.n], purity)


def _means(problem: Problem, strings: list[str]) -> Float:
    """Return the expectation value of each string in the noisy state."""
    isa, asked = problem.isa, np.empty(len(strings), dtype=object)
    for number, letters in enumerate(strings):
        asked[number] = [(isa.moved(letters), 1.0)]
    batch = Batch((Pub(isa.record, observables=asked),), frozenset({Want.EXPECTATIONS}), noise=isa.noise)
    (answer,) = answers(backends.load("density_matrix"), batch)
    assert answer.expectations is not None
    return answer.expectations
