"""Circuit jobs by trajectories, shared out among tasks."""

from __future__ import annotations

from workers.operations.quantum.circuit import Question, blameless
from workers.quantum.backends.trajectories import Trajectories
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def share(context: Context) -> Done:
    """Run trajectories `payload["first"]` to `payload["last"]` - 1.

    Raises:
        UserError: the circuit cannot be simulated as asked.
        ResourceExhaustedError: too little memory is free now.
        SimulatorFault: the simulator broke.
    """
    payload = context.payload
    with blameless():
        return Done(Trajectories().share(Question(context).asked, payload["first"], payload["last"]))


def conclude(context: Context) -> Done:
    """The job's result, from the shares of all its trajectories.

    Raises:
        UserError: there are too many different outcomes, and nothing else was asked.
        SimulatorFault: the simulator broke.
    """
    with blameless():
        question = Question(context)
        return Done(question.answer(Trajectories().merged(question.asked, context.inputs)))
