"""What an ansatz is to a variational loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from workers.quantum.objective import End, Screen, Stage
from workers.quantum.simulation.ir.program import Float, Program
from workers.runtime.outcome import UserError


class Parameter(NamedTuple):
    """What people call a parameter theta, and the operator G of the gate exp(theta G) that it turns.

    Attributes:
        name: Unique within an ansatz.
        operator: Letters with their qubit for Pauli matrices; an excitation by its label, `t_0.1_4.5`; of a
            user's circuit the gates that the parameter enters.
    """

    name: str
    operator: str


class Trial(Protocol):
    """The states that an energy is minimised over."""

    def circuit(self, operators: tuple[int, ...]) -> Program:
        """What prepares them; operators: those that an ansatz that grows has by now."""
        ...

    def initial(self, start: int, rng: np.random.Generator) -> Float:
        """The starting point of start number `start`."""
        ...

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """See `workers.quantum.objective.Objective`."""
        ...

    def named(self, operators: tuple[int, ...]) -> Sequence[Parameter]:
        """The parameters of the circuit of these operators, in order."""
        ...


class AnsatzError(UserError):
    """An ansatz that does not exist or does not fit its Hamiltonian."""


@dataclass(frozen=True, eq=False)
class Ansatz:
    """A parametrised state and where to start.

    Attributes:
        program: Prepares the state.
        parameters: The name and the operator of each parameter.
        center: float64[n_parameters], the point that starts lie around, in radians.
        first_spread: Standard deviation of start 0 around the center.
        spread: Standard deviation of the other starts.
    """

    program: Program
    parameters: tuple[Parameter, ...]
    center: Float
    first_spread: float = 0.0
    spread: float = 0.1

    def initial(self, start: int, rng: np.random.Generator) -> Float:
        """The starting point of start number `start`, float64[n_parameters]."""
        width = self.first_spread if start == 0 else self.spread
        return self.center + width * rng.standard_normal(len(self.center)) if width else self.center.copy()

    def circuit(self, operators: tuple[int, ...]) -> Program:
        """The program, whatever the operators: it does not grow."""
        return self.program

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """There is one stage."""
        return End()

    def named(self, operators: tuple[int, ...]) -> tuple[Parameter, ...]:
        """The parameters, whatever the operators: it does not grow."""
        return self.parameters
