"""What the simulators of circuits raise where the circuit, not the program, is the cause."""

from __future__ import annotations

from workers.runtime.outcome import UserError


class CircuitError(UserError):
    """A circuit that cannot be simulated as asked; the message says why and what to do."""
