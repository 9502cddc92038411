"""The interface between ansaetze and variational loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from workers.quantum.objective import End, Screen, Stage
from workers.quantum.simulation.ir.program import Float, Program
from workers.runtime.outcome import UserError


class Parameter(NamedTuple):
    """Name of a parameter theta, and the operator G that generates its gate exp(theta G).

    Attributes:
        name: Unique within an ansatz.
        operator: Letters with their qubit for Pauli matrices; an excitation by its label, `t_0.1_4.5`; of a
            user's circuit the gates that the parameter enters.
    """

    name: str
    operator: str


class Trial(Protocol):
    """A family of states over which an energy is minimised."""

    def circuit(self, operators: tuple[int, ...]) -> Program:
        """Return the preparation circuit; operators: those selected so far, for an ansatz that grows."""
        ...

    def initial(self, start: int, rng: np.random.Generator) -> Float:
        """Return the starting point of start number `start`."""
        ...

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """See `workers.quantum.objective.Objective`."""
        ...

    def named(self, operators: tuple[int, ...]) -> Sequence[Parameter]:
        """Return the parameters of the circuit of these operators, in order."""
        ...


class AnsatzError(UserError):
    """An ansatz that is unknown or does not fit its Hamiltonian."""


@dataclass(frozen=True, eq=False)
class Ansatz:
    """A parametrised state with its starting points.

    Attributes:
        program: Prepares the state.
        parameters: The name and the operator of each parameter.
        center: float64[n_parameters], mean of the starting points, in radians.
        first_spread: Standard deviation of start 0 around the center.
        spread: Standard deviation of the other starts.
    """

    program: Program
    parameters: tuple[Parameter, ...]
    center: Float
    first_spread: float = 0.0
    spread: float = 0.1

    def initial(self, start: int, rng: np.random.Generator) -> Float:
        """Return the starting point of start number `start`, float64[n_parameters]."""
        width = self.first_spread if start == 0 else self.spread
        return self.center + width * rng.standard_normal(len(self.center)) if width else self.center.copy()

    def circuit(self, operators: tuple[int, ...]) -> Program:
        """Return the program; it does not depend on the operators."""
        return self.program

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """End: there is only one stage."""
        return End()

    def named(self, operators: tuple[int, ...]) -> tuple[Parameter, ...]:
        """Return the parameters; they do not depend on the operators."""
        return self.parameters
