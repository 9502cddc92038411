"""What an operation came to, where it has to be finished."""

from typing import Any

from workers.runtime.outcome import Done, Outcome


def value(outcome: Outcome) -> Any:
    """The value of a finished task."""
    assert isinstance(outcome, Done), outcome
    return outcome.value
