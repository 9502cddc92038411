"""What simulators and backends raise where what is asked of them, not the program, is the cause."""

from __future__ import annotations

from workers.runtime.outcome import ResourceExhaustedError, UserError


class CircuitError(UserError):
    """A circuit that cannot be simulated as asked; the message says why and what to do."""


class LimitError(UserError):
    """A circuit with more qubits than the backend ever takes.

    Attributes:
        wanted: Qubits of the circuit.
        had: Qubits of the backend.
    """

    def __init__(self, message: str, wanted: int, had: int) -> None:
        super().__init__(message)
        self.wanted = wanted
        self.had = had


class MemoryLimitError(ResourceExhaustedError):
    """A circuit that needs more memory than there is.

    Attributes:
        wanted: Bytes that it needs.
        had: Bytes that there are.
    """

    def __init__(self, message: str, wanted: int, had: int) -> None:
        super().__init__(message)
        self.wanted = wanted
        self.had = had


class UnsupportedError(UserError):
    """A batch asks for what the backend has not."""
