"""A combination of methods: which circuits it measures, and how it computes values from them.

Order of application: readout and symmetry at each noise scale, then the known circuits' correction, then the
extrapolation over the scales.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from novacron.specs.mitigation import AnyMethod, CliffordRegression, ReferenceState, SymmetryVerification, Zne
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.zne import extrapolated
from workers.quantum.simulation.ir.program import Float

TARGET, REFERENCE, TRAINING = "target", "reference", "training {}"
FIRST_ORDER = 1.0
SECOND_ORDER = 0.5
"""Part of the distance to the other models of a choice that counts as its error: what follows the physics of
depolarizing noise (an exponential towards tr(O)/2^n, a common attenuation) is wrong by less."""
ALIKE = 1e-9
"""Exact values of training circuits that differ by less, relative to the observable's range, give no line."""
LEAST_SIGNAL = 0.1
"""Least attenuated signal of a reference, relative to its exact one, that is divided by."""


class Variant(NamedTuple):
    """One of the circuits, at one noise scale."""

    circuit: str
    scale: int


Energies = Callable[[Variant], Float]
"""Returns float64[..., n_rows] of a variant: all observables of the problem."""


@dataclass(frozen=True)
class Recipe:
    """Methods, applied together.

    Attributes:
        readout: whether readout errors are inverted.
        symmetry: whether the state is projected onto its sector.
        reference: correction by the reference state, None for none.
        regression: correction by training circuits, a `line` or one through the `asymptote`; None for none.
        scales: noise scales.
        fit: extrapolation over them.
    """

    readout: bool = False
    symmetry: bool = False
    reference: str | None = None
    regression: str | None = None
    scales: tuple[int, ...] = (1,)
    fit: str | None = None

    @classmethod
    def of(cls, methods: Sequence[AnyMethod]) -> Recipe:
        """Return the recipe of a job's methods."""
        made = cls(readout=any(one.name == "readout" for one in methods))
        for one in methods:
            match one:
                case ReferenceState():
                    made = replace(made, reference=one.correction)
                case CliffordRegression():
                    made = replace(made, regression="line")
                case SymmetryVerification():
                    made = replace(made, symmetry=True)
                case Zne():
                    made = replace(made, scales=one.scales, fit=one.fit)
        if len(made.scales) > 1 and made.fit is None:
            bent = made.reference or made.regression or made.symmetry
            made = replace(made, fit="linear" if bent else "exponential")
        return made

    @property
    def names(self) -> list[str]:
        """The methods in words."""
        found = ["readout"] * self.readout + ["symmetry_verification"] * self.symmetry
        found += [f"reference_state ({self.reference})"] if self.reference else []
        found += ["clifford_regression"] if self.regression else []
        scales = ", ".join(map(str, self.scales))
        return found + ([f"zne ({self.fit}, scales {scales})"] if self.fit else [])

    @property
    def corrects_gates(self) -> bool:
        """Whether it corrects all errors of gates; symmetries reveal only some."""
        return bool(self.fit or self.reference or self.regression)

    def variants(self, problem: Problem) -> list[Variant]:
        """Return the circuits that it measures, the target first."""
        circuits = [TARGET] + [REFERENCE] * bool(self.reference)
        circuits += [TRAINING.format(k) for k in range(len(problem.training))] if self.regression else []
        return [Variant(circuit, scale) for circuit in circuits for scale in self.scales]

    def value(self, problem: Problem, energies: Energies) -> Float:
        """Return float64[..., n], the mitigated values."""
        values = [self._at(problem, energies, scale) for scale in self.scales]
        if self.fit is None:
            return values[0]
        return extrapolated(self.scales, values, self.fit, problem.asymptotes)

    def model_errors(self, problem: Problem, energies: Energies) -> Float:
        """Return float64[n], the distances to other models of the same data, added in squares."""
        value = self.value(problem, energies)
        squares = np.zeros(problem.n)
        for other, order in self._alternatives():
            squares += np.square(order * (other.value(problem, energies) - value))
        found: Float = np.sqrt(squares)
        return found

    def _alternatives(self) -> Iterator[tuple[Recipe, float]]:
        if self.reference == "additive":
            yield replace(self, reference="proportional"), FIRST_ORDER
        elif self.reference:
            yield replace(self, reference="additive"), SECOND_ORDER
        if self.fit == "exponential":
            yield replace(self, fit="linear"), SECOND_ORDER
        elif self.fit:
            yield replace(self, fit="exponential"), FIRST_ORDER
        if self.regression:
            yield replace(self, regression="asymptote"), FIRST_ORDER

    def _at(self, problem: Problem, energies: Energies, scale: int) -> Float:
        """Return the values at one noise scale."""
        target = self._plain(problem, energies(Variant(TARGET, scale)))
        if self.reference:
            assert problem.reference is not None
            exact = self._plain(problem, problem.observables.energies(problem.reference.means))
            noisy = self._plain(problem, energies(Variant(REFERENCE, scale)))
            target = self._by_reference(target, noisy, exact, problem.asymptotes)
        if self.regression:
            target = self._by_regression(problem, energies, scale, target)
        return target

    def _plain(self, problem: Problem, rows: Float) -> Float:
        """Return the observables' values from the values of all rows, projected if verified."""
        n = problem.n
        found: Float = rows[..., n : 2 * n] / rows[..., 2 * n :] if self.symmetry else rows[..., :n]
        return found

    def _by_reference(self, target: Float, noisy: Float, exact: Float, asymptotes: Float) -> Float:
        """Correct by the error of the reference; without a signal to divide by, additively.

        Source: Lolur et al., J. Chem. Theory Comput. 19, 783 (2023), equation 4.
        """
        additive = target - (noisy - exact)
        if self.reference == "additive":
            return additive
        signal, left = exact - asymptotes, noisy - asymptotes
        divisible = left * signal > LEAST_SIGNAL * np.square(signal)
        grown = asymptotes + (target - asymptotes) * signal / np.where(divisible, left, 1.0)
        return np.where(divisible, grown, additive)

    def _by_regression(self, problem: Problem, energies: Energies, scale: int, target: Float) -> Float:
        """Map the noisy value by the line fitted to the training circuits; add their error if all are alike.

        Source: Czarnik et al., Quantum 5, 592 (2021), equation 4.
        """
        noisy = np.stack([
            self._plain(problem, energies(Variant(TRAINING.format(k), scale)))
            for k in range(len(problem.training))
        ])  # fmt: skip
        exact = np.stack([
            np.broadcast_to(self._plain(problem, problem.observables.energies(known.means)), noisy.shape[1:])
            for known in problem.training
        ])  # fmt: skip
        middle, goal = noisy.mean(axis=0), exact.mean(axis=0)
        if self.regression == "asymptote":
            middle = goal = np.broadcast_to(problem.asymptotes, middle.shape)
        varied = np.ptp(exact, axis=0) > ALIKE * problem.spreads
        spread = np.where(varied, np.square(noisy - middle).sum(axis=0), 1.0)
        slope = ((noisy - middle) * (exact - goal)).sum(axis=0) / spread
        return goal + np.where(varied, slope, 1.0) * (target - middle)
