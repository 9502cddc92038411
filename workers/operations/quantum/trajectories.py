"""Circuit jobs by trajectories, distributed over tasks."""

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
        UserError: the circuit cannot be simulated as requested.
        ResourceExhaustedError: too little memory is currently free.
        SimulatorFault: an internal error of the simulator.
    """
    payload = context.payload
    with blameless():
        job, backend = CircuitJob(context), backends.load("trajectories")
        blocks = range(payload["first"] // BLOCK, ceil(payload["last"] / BLOCK))
        ((_, result),) = only_part(backend.run(backend.prepare(job.batch), blocks, job.control))
        return Done(result)


def conclude(context: Context[Circuit]) -> Done:
    """Return the job's result, merged from the shares of all its trajectories.

    Raises:
        UserError: there are too many distinct outcomes, and nothing else was requested.
        SimulatorFault: an internal error of the simulator.
    """
    with blameless():
        job, backend = CircuitJob(context), backends.load("trajectories")
        shares = [[(0, [[0, result]])] for result in context.inputs]
        (answer,) = backend.merge(backend.prepare(job.batch), shares, job.control)
        return Done(job.result(answer))
