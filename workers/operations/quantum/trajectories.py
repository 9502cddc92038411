"""Circuit jobs by trajectories, shared out among tasks."""

from __future__ import annotations

from math import ceil

from novacron.specs import Circuit
from shared.quantum.trajectories import BLOCK
from workers.operations.quantum.circuit import CircuitJob, blameless
from workers.quantum import backends
from workers.quantum.backends.immediate import only_part
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def share(context: Context[Circuit]) -> Done:
    """Run trajectories `payload["first"]` to `payload["last"]` - 1.

    Raises:
        UserError: the circuit cannot be simulated as asked.
        ResourceExhaustedError: too little memory is free now.
        SimulatorFault: the simulator broke.
    """
    payload = context.payload
    with blameless():
        job, backend = CircuitJob(context), backends.load("trajectories")
        blocks = range(payload["first"] // BLOCK, ceil(payload["last"] / BLOCK))
        ((_, told),) = only_part(backend.run(backend.prepare(job.batch), blocks, job.control))
        return Done(told)


def conclude(context: Context[Circuit]) -> Done:
    """The job's result, from the shares of all its trajectories.

    Raises:
        UserError: there are too many different outcomes, and nothing else was asked.
        SimulatorFault: the simulator broke.
    """
    with blameless():
        job, backend = CircuitJob(context), backends.load("trajectories")
        shares = [[(0, [[0, told]])] for told in context.inputs]
        (answer,) = backend.merge(backend.prepare(job.batch), shares, job.control)
        return Done(job.result(answer))
