"""A task that runs the evaluations of one step on a provider's device, as one job there."""

from __future__ import annotations

from contextlib import closing
from typing import cast

from novacron.specs import VQE
from workers.operations.quantum import qpu
from workers.operations.quantum.qpu import BudgetError
from workers.quantum.objective import Request
from workers.quantum.variational.build import shared_objective
from workers.quantum.variational.hardware import HardwareEnergy
from workers.runtime.context import Context
from workers.runtime.outcome import Done, Snooze

SPENT = "spent"
"""Key of the result of a step that the job's budget does not cover; the value says why."""


def evaluate_on_device(context: Context[VQE]) -> Done | Snooze:
    """Run the requests `payload["requests"]` of a loop; the value is the list of the results of their units.

    If the budget does not cover them, the value is {"spent": why}, and nothing is submitted.
    """
    payload = context.payload
    requests = [Request.read(payload["loop"], written) for written in payload["requests"]]
    target = cast("HardwareEnergy", shared_objective(context.spec))
    with closing(target.backend) as backend:
        plan = target.step(requests)
        try:
            share = qpu.run(backend, plan, context)
        except BudgetError as error:
            return Done({SPENT: str(error)})
        if isinstance(share, Snooze):
            return share
        return Done(target.results(backend.merge(plan, [share])))
