"""A task that runs some units of one evaluation."""

from __future__ import annotations

from typing import cast

import numpy as np

from workers.quantum import warm
from workers.quantum.objective import Request, WrittenRequest
from workers.quantum.variational.build import Loop, precision_of, shared_objective
from workers.runtime.context import Context
from workers.runtime.outcome import Done, UserError


def evaluate(context: Context[Loop]) -> Done:
    """Run units `payload["units"]` = [first, stop] of a request; the value is the list of their results.

    Raises:
        UserError: a result is not finite, and cannot be represented in JSON either.
    """
    payload = context.payload
    request = Request.read(payload["loop"], cast("WrittenRequest", payload))
    warm.announce(context.note, precision_of(context.spec))
    target = shared_objective(context.spec)
    results = []
    for unit in range(*payload["units"]):
        context.checkpoint()
        results.append(target.run_unit(request, unit))
        if not np.isfinite(results[-1]).all():
            raise UserError(
                f"the objective is not finite at evaluation {request.position + 1} of start {request.loop}; "
                "check the coefficients and angles of the problem for overflow"
            )
    return Done(results)
