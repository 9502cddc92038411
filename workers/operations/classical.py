"""Classical jobs: one call of a registered function, or one a task and their results gathered."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from novacron.errors import NovaCronError
from novacron.json_types import JsonObject
from novacron.specs import Classical
from shared import functions
from shared.functions import Function
from workers.runtime import failure
from workers.runtime.context import Context
from workers.runtime.finite import misfit
from workers.runtime.outcome import Done, FunctionError, OverflowedError, Stopped, UserError


def call(context: Context[Classical]) -> Done:
    """Call the job's `function`; payload: `index`, which entry of `map`, where the job has one.

    The seed of entry i is the job's seed plus i, so that entry 0 is what the job without `map` computes.

    Raises:
        BadInput: the function is unknown, or its arguments are wrong.
        UserError: it overflowed, or broke, or returned something that is not JSON.
    """
    index = int(context.payload.get("index", 0))
    function = functions.find(context.spec.function)
    arguments = functions.call(context.spec, index)
    value = _checked(function, _called(function, arguments, context.seed + index, context.checkpoint))
    return Done(value if context.spec.map is not None else {"function": function.name, "value": value})


def gather(context: Context[Classical]) -> Done:
    """The results of all entries of `map`, in their order."""
    return Done({"function": context.spec.function, "values": list(context.inputs)})


def _called(function: Function, arguments: JsonObject, seed: int, checkpoint: Callable[[], None]) -> Any:
    """What the function returns.

    Our own functions overflow where the job's numbers are too large, and every other exception of theirs is
    our fault. What a function of an installed package raises is that package's.
    """
    module, _, attribute = function.implementation.partition(":")
    try:
        return getattr(import_module(module), attribute)(arguments, seed, checkpoint)
    except (Stopped, NovaCronError, UserError):
        raise
    except (OverflowError, FloatingPointError) as error:
        raise OverflowedError(f"{_named(function)} overflowed: {_said(error)}") from error
    except Exception as error:
        if function.package is None or failure.of(error).kind.retryable:
            raise
        hint = "check its arguments; if they are right, whoever maintains the package has to mend it"
        raise FunctionError(f"{_named(function)} broke: {_said(error)}", hint=hint) from error


def _named(function: Function) -> str:
    return function.name if function.package is None else f"{function.name} of {function.package}"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _checked(function: Function, value: Any) -> Any:
    """The value itself, where it is JSON.

    Raises:
        UserError: a number in it is not finite, or it is not JSON, of a function of an installed package.
    """
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        if isinstance(error, ValueError) and (which := misfit(value)):
            raise OverflowedError(f"{_named(function)} returned what is not finite: {which}") from error
        if function.package is None:
            raise
        raise FunctionError(f"{_named(function)} returned something that is not JSON: {error}") from error
    return value
