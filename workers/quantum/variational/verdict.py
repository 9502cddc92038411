"""Warnings about the final energy of a VQE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from novacron.specs import VQE
from novacron.specs.ansatz import Adapt
from shared.quantum.wants import Want
from workers.quantum.backends.base import Backend
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.variational.quantum_numbers import QuantumNumbers
from workers.quantum.variational.replay import LoopResult
from workers.quantum.variational.system import PERTURBED, open_shell

WHOLE = 1e-3
"""Allowed deviation of <N> and <S_z> from the declared values."""
ROUNDING = 1e-7
"""Energies that differ by less, in units of the spectrum's deviation, are equal."""
DIGITS = 1e-4
"""Rounding allowed for energies stated in files, in the same unit."""
SIGMAS = 5.0


@dataclass(frozen=True, eq=False)
class Verdict:
    """The facts known at the end of a VQE.

    Attributes:
        spec: The job's.
        known: The Hamiltonian on the qubits of the program.
        program: The trial state.
        best: The best loop.
        numbers: Quantum numbers of the final state.
        e_exact: The exact energy, if known.
        found: The same, computed; None if it was not.
        noise: The noise model, None for none.
    """

    spec: VQE
    known: Hamiltonian
    program: Program
    best: LoopResult
    numbers: QuantumNumbers
    e_exact: float | None
    found: float | None = None
    noise: NoiseModel | None = None

    def warnings(self, backend: Backend) -> Iterator[str]:
        """Yield warnings, most fundamental first."""
        yield from self.known.doubts
        yield from self._sector()
        yield from self._bounds()
        yield from self._start(backend)

    def _sector(self) -> Iterator[str]:
        declared, found = self.known.n_electrons, self.numbers.n_particles
        if declared is not None and found is not None and abs(found - declared) > WHOLE:
            yield (
                f"the final state has <N> = {found:.4g}, and {declared} electrons are declared: "
                "it is another system's; uccsd and adapt keep the particle number"
            )
        two_sz, s_z = self.known.two_sz, self.numbers.s_z
        if two_sz is not None and s_z is not None and abs(s_z - two_sz / 2) > WHOLE:
            yield f"the final state has <S_z> = {s_z:.4g}, and {two_sz / 2:g} is declared"

    def _bounds(self) -> Iterator[str]:
        energy, unit = self.best.value, self.known.operator.deviation or 1.0
        margin = ROUNDING * unit + SIGMAS * (self.best.variance or 0.0) ** 0.5
        where = "" if self.known.n_electrons is None else " of the declared electrons and spin"
        if (
            self.e_exact is not None
            and self.found is not None
            and abs(self.e_exact - self.found) > DIGITS * unit
        ):
            lowest = f"the lowest energy{where} is {self.found:.10g}"
            yield f"hamiltonian.e_exact is {self.e_exact:.10g}, and {lowest}"
        if self.e_exact is not None and energy < self.e_exact - margin:
            gap = self.e_exact - energy
            yield f"the energy lies {gap:.3g} below the exact one{where}, {self.e_exact:.9g}"
        if self.known.e_hf is not None and energy > self.known.e_hf + margin:
            gap = energy - self.known.e_hf
            yield f"the energy lies {gap:.3g} above that of the reference, {self.known.e_hf:.9g}"

    def _start(self, backend: Backend) -> Iterator[str]:
        if open_shell(self.spec.ansatz, self.known):
            if self.known.disorder is None:
                yield (
                    "the ansatz starts from one of many ground states of free fermions (a degenerate "
                    "shell), and its symmetry may lock the energy far above the lowest: try "
                    f"perturb: {PERTURBED}"
                )
            else:
                yield (
                    "the ansatz starts from a degenerate shell; a random potential, opposite for the two "
                    "spins, chose the state (perturb), and other seeds choose others"
                )
        if self._is_eigenstate():
            return
        if isinstance(self.spec.ansatz, Adapt) and not self.best.point:
            yield (
                "no operator of the pool lowers the energy of the reference at once, and it is no eigenstate "
                f"(its variance is {self.numbers.variance:.3g}): use another reference or another ansatz"
            )
        if self._locked(backend):
            cure = f"try perturb: {PERTURBED}"
            if self.spec.perturb:
                cure = "perturb did not change that, so use another ansatz"
            yield (
                "the start is a stationary point by symmetry, and no eigenstate (its variance is "
                f"{self.numbers.variance:.3g}): no gradient leads away from it; {cure}"
            )

    def _is_eigenstate(self) -> bool:
        """Return whether the final state is an eigenstate, or this is unknown."""
        unit = self.known.operator.deviation or 1.0
        return self.numbers.variance is None or self.numbers.variance <= (1e-6 * unit) ** 2

    def _locked(self, backend: Backend) -> bool:
        """Return whether the loop stayed at a point of zero gradient."""
        best, unit = self.best, self.known.operator.deviation or 1.0
        if best.left_its_start or best.sampled or not best.point:
            return False
        asked = Pub.of(self.program, best.point, self.known.operator)
        want = frozenset({Want.EXPECTATIONS, Want.GRADIENTS})
        (answer,) = answers(backend, Batch((asked,), want, noise=self.noise))
        assert answer.gradients is not None
        return float(np.abs(answer.gradients).max()) <= 1e-6 * unit
