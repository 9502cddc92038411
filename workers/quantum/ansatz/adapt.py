"""ADAPT: an ansatz that grows by the operator with the steepest energy gradient.

Source: Grimsley, Economou, Barnes, Mayhall, Nat. Commun. 10, 3007 (2019), section "ADAPT-VQE algorithm".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from novacron.specs import ansatz as specs
from shared.quantum.excitations import Pair
from workers.quantum.ansatz.base import AnsatzError, Parameter
from workers.quantum.ansatz.pool import operator_name, pool, program
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.objective import End, Screen, Stage
from workers.quantum.simulation.ir.program import Float, Program

# Gradients this close are equal by symmetry: the first of them is selected, on every machine.
EQUAL = 1e-9


@dataclass(frozen=True, eq=False)
class Adapt:
    """Operators selected one by one from a pool, applied to the reference state.

    Attributes:
        hamiltonian: Provides the reference state.
        pool: Operators to select from, any number of times.
        gradient_tolerance: Norm of the energy's derivatives by the pool's angles below which it is converged,
            in units of the root of the sum of the squared coefficients of all strings with an X or a Y: the
            part of the Hamiltonian that excitations couple to.
        max_operators: Maximum number of operators.
    """

    hamiltonian: Hamiltonian
    pool: tuple[Pair, ...]
    gradient_tolerance: float
    max_operators: int

    @cached_property
    def _unit(self) -> float:
        """The unit of `gradient_tolerance`, in the objective's unit."""
        operator = self.hamiltonian.operator
        return operator.part(operator.x_masks != 0).deviation / (operator.deviation or 1.0)

    def initial(self, start: int, rng: np.random.Generator) -> Float:
        """Return an empty vector: the reference state has no parameters."""
        return np.zeros(0)

    def circuit(self, operators: tuple[int, ...]) -> Program:
        """Return the circuit of the operators, given by number in the pool, in order of application."""
        return program(self.hamiltonian, [self.pool[k] for k in operators])

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """Append one operator, at angle 0, or end.

        The whole pool is screened by one gradient, that of the circuit with the pool appended at angle 0: the
        derivatives there are <psi|[H, A]|psi>.
        """
        size, chosen = len(self.pool), stage.operators
        candidates = Stage(np.append(stage.point, np.zeros(size)), (*chosen, *range(size)))
        gradient = screen(candidates).gradient
        if gradient is None:
            raise RuntimeError("the objective answered a request for a gradient without one")
        slopes = np.abs(gradient[len(chosen) :])
        if chosen:
            # Repeating the last operator would only add to its angle.
            slopes[chosen[-1]] = 0.0
        norm = float(np.linalg.norm(slopes))
        if norm <= self.gradient_tolerance * self._unit:
            return End(message=f"no operator lowers the energy: the pool's gradient is {norm:.1e}")
        if len(chosen) == self.max_operators:
            return End(False, f"stopped at {len(chosen)} operators with the pool's gradient at {norm:.1e}")
        best = int(np.argmax(slopes >= (1.0 - EQUAL) * slopes.max()))
        return Stage(np.append(stage.point, 0.0), (*chosen, best))

    def named(self, operators: tuple[int, ...]) -> list[Parameter]:
        """Return the label of each operator; from its second use on, with a number."""
        labels = [operator_name(self.pool[k]) for k in operators]
        uses = [labels[: place + 1].count(label) for place, label in enumerate(labels)]
        return [
            Parameter(label if use == 1 else f"{label}#{use}", label)
            for label, use in zip(labels, uses, strict=True)
        ]

    def chosen(self, operators: Sequence[str]) -> tuple[int, ...]:
        """Return the numbers in the pool of operators given by their labels.

        Raises:
            AnsatzError: One is not in the pool.
        """
        numbers = {operator_name(pair): k for k, pair in enumerate(self.pool)}
        missing = [label for label in operators if label not in numbers]
        if missing:
            raise AnsatzError(f"ansatz.pool: {missing[0]!r} is not in the pool")
        return tuple(numbers[label] for label in operators)


def adapt(spec: specs.Adapt, hamiltonian: Hamiltonian) -> Adapt:
    """Return an empty ansatz over the pool that the spec names.

    Raises:
        AnsatzError: No electrons.
    """
    chosen = pool("adapt", spec.pool, hamiltonian)
    return Adapt(hamiltonian, chosen, spec.gradient_tolerance, spec.max_operators)
