"""Circuit jobs by trajectories, shared out among tasks."""

from __future__ import annotations

from shared.circuit.limits import Refused
from workers.backends.trajectories import Trajectories
from workers.context import Context
from workers.noise.trajectories import merge
from workers.operations.circuit import heading, question
from workers.outcome import Done, UserError


def share(context: Context) -> Done:
    """Run trajectories `payload["first"]` to `payload["last"]` - 1.

    Raises:
        UserError: the circuit cannot be simulated as asked.
        ResourceExhaustedError: too little memory is free now.
    """
    try:
        payload = context.payload
        return Done(Trajectories().share(question(context), payload["first"], payload["last"]))
    except (Refused, ValueError) as error:
        raise UserError(str(error)) from None


def conclude(context: Context) -> Done:
    """The job's result, from the shares of all its trajectories.

    Raises:
        UserError: there are too many different outcomes.
    """
    try:
        asked = question(context)
        return Done(heading(asked) | merge(context.inputs, list(asked.observables)))
    except (Refused, ValueError) as error:
        raise UserError(str(error)) from None
