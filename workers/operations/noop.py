"""An operation that does nothing: measures the overhead of orchestration."""

from __future__ import annotations

from novacron.specs import Spec
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def noop(context: Context[Spec]) -> Done:
    """Finish at once with the payload's `value`, if any."""
    return Done(context.payload.get("value"))
