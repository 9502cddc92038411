"""Errors of simulators and backends that are caused by the request, not by the program."""

from __future__ import annotations

from workers.runtime.outcome import ResourceExhaustedError, UserError


class CircuitError(UserError):
    """A circuit that cannot be simulated as requested; the message says why and what to do."""


class LimitError(UserError):
    """A circuit with more qubits than the backend's hard limit.

    Attributes:
        wanted: Qubits of the circuit.
        had: Qubits of the backend.
    """

    def __init__(self, message: str, wanted: int, had: int) -> None:
        super().__init__(message)
        self.wanted = wanted
        self.had = had


class MemoryLimitError(ResourceExhaustedError):
    """A circuit that needs more memory than is available.

    Attributes:
        wanted: Bytes needed.
        had: Bytes available.
    """

    def __init__(self, message: str, wanted: int, had: int) -> None:
        super().__init__(message)
        self.wanted = wanted
        self.had = had


class UnsupportedError(UserError):
    """A batch requests something the backend does not support."""
