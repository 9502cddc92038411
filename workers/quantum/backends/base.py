"""What every backend offers: compile once, run many.

States are complex128[2^n] with qubit 0 as the most significant bit of the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float, Program
from workers.runtime.outcome import ResourceExhaustedError, UserError


class BackendError(Exception):
    """A program that this backend cannot run."""


class LimitError(BackendError, UserError):
    """A program with more qubits than the backend ever takes.

    Attributes:
        wanted: Qubits of the program.
        had: Qubits of the backend.
    """

    def __init__(self, message: str, wanted: int, had: int) -> None:
        super().__init__(message)
        self.wanted = wanted
        self.had = had


class MemoryLimitError(BackendError, ResourceExhaustedError):
    """A program that needs more memory than there is.

    Attributes:
        wanted: Bytes that the program needs.
        had: Bytes that there are.
    """

    def __init__(self, message: str, wanted: int, had: int) -> None:
        super().__init__(message)
        self.wanted = wanted
        self.had = had


class UnsupportedError(BackendError, UserError):
    """A call that this backend, or this program, has no answer to."""


@dataclass(frozen=True)
class Capabilities:
    """What a backend can do.

    Attributes:
        max_qubits: Most qubits it ever takes; memory may set a lower limit.
        gradients: Whether `energy_and_gradient` is exact.
        shots: Whether `sample` works.
        mid_circuit: Whether it measures and goes on.
        noise: Whether it applies noise models.
        precision: NumPy name of the amplitude type.
        gates: Names of the op kinds it runs (classes of `workers.quantum.simulation.ir.program`).
    """

    max_qubits: int
    gradients: bool
    shots: bool
    mid_circuit: bool
    noise: bool
    precision: str
    gates: frozenset[str]


class Compiled(Protocol):
    """A program, and perhaps an observable, made ready to run.

    Calls with an observable's value raise `UnsupportedError` where none was given to `compile`.
    Equal calls give equal bits; a row of a batch has the bits of the single call.
    """

    n_qubits: int
    n_parameters: int

    def energy(self, theta: Float) -> float:
        """Expectation value of the observable at theta[n_parameters]."""
        ...

    def energies(self, thetas: Float) -> Float:
        """Expectation values: float64[batch, n_parameters] -> float64[batch]."""
        ...

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and its exact derivatives float64[n_parameters]."""
        ...

    def state(self, theta: Float) -> Complex:
        """Final state complex128[2^n], global phase included."""
        ...

    def states(self, thetas: Float) -> Complex:
        """Final states: float64[batch, n_parameters] -> complex128[batch, 2^n]."""
        ...

    def probabilities(self, theta: Float) -> Float:
        """Probabilities of the basis states, float64[2^n]."""
        ...

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Basis indices of `shots` measurements of all qubits, int64[shots]."""
        ...


class Backend(Protocol):
    """One way of running programs."""

    name: str

    def capabilities(self) -> Capabilities:
        """What it can do, and its limits."""
        ...

    def memory_bytes(self, program: Program, observable: PauliSum | None = None) -> int:
        """Peak memory that the compiled program will take, in bytes; nothing is allocated."""
        ...

    def compile(self, program: Program, observable: PauliSum | None = None) -> Compiled:
        """Prepare a program.

        Raises:
            LimitError: Too many qubits.
            MemoryLimitError: More memory wanted than there is; raised before any array of the
                state's size is made.
            UnsupportedError: An op kind that the backend does not run.
            ValueError: The observable acts on another number of qubits.
        """
        ...
