"""Results of operations that must be finished."""

from typing import Any

from workers.runtime.outcome import Done, Outcome


def value(outcome: Outcome) -> Any:
    """Return the value of a finished task."""
    assert isinstance(outcome, Done), outcome
    return outcome.value
