"""Classical jobs: one call of a registered function, or one a task and their results gathered."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from novacron.errors import BadInput
from shared import functions
from workers.context import Context
from workers.outcome import Done, UserError


def call(context: Context) -> Done:
    """Call the job's `function`; payload: `index`, which entry of `map`, where the job has one.

    The seed of entry i is the job's seed plus i, so that entry 0 is what the job without `map` computes.

    Raises:
        UserError: the function or its arguments are wrong, or it returned something that is not JSON.
    """
    index = int(context.payload.get("index", 0))
    try:
        function = functions.find(context.spec.get("function"))
        arguments = functions.call(context.spec, index)
    except BadInput as error:
        raise UserError(str(error)) from None
    module, _, attribute = function.implementation.partition(":")
    value = getattr(import_module(module), attribute)(arguments, context.seed + index, context.checkpoint)
    _check_json(function.name, value)
    return Done(value if context.spec.get("map") is not None else {"function": function.name, "value": value})


def gather(context: Context) -> Done:
    """The results of all entries of `map`, in their order."""
    return Done({"function": context.spec["function"], "values": list(context.inputs)})


def _check_json(name: str, value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UserError(f"{name} returned something that is not JSON: {error}") from None
