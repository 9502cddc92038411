"""Classical jobs: one call of a registered function, or one call per task with gathered results."""

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
    """Call the job's `function`; payload: `index` of the entry of `map`, if the job has one.

    The seed of entry i is the job's seed plus i, so that entry 0 is what the job without `map` computes.

    Raises:
        BadInput: the function is unknown, or its arguments are wrong.
        UserError: it overflowed, failed, or returned a value that is not JSON.
    """
    index = int(context.payload.get("index", 0))
    function = functions.find(context.spec.function)
    arguments = functions.call(context.spec, index)
    value = _checked(function, _called(function, arguments, context.seed + index, context.checkpoint))
    return Done(value if context.spec.map is not None else {"function": function.name, "value": value})


def gather(context: Context[Classical]) -> Done:
    """Return the results of all entries of `map`, in their order."""
    return Done({"function": context.spec.function, "values": list(context.inputs)})


def _called(function: Function, arguments: JsonObject, seed: int, checkpoint: Callable[[], None]) -> Any:
    """Return the function's result.

    Built-in functions may overflow if the job's numbers are too large; any other exception of theirs is an
    internal error. An exception of an installed package's function is attributed to that package.
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
        hint = "check its arguments; if they are right, report it to the maintainer of the package"
        raise FunctionError(f"{_named(function)} broke: {_said(error)}", hint=hint) from error


def _named(function: Function) -> str:
    return function.name if function.package is None else f"{function.name} of {function.package}"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _checked(function: Function, value: Any) -> Any:
    """Return the value if it is JSON.

    Raises:
        UserError: a function of an installed package returned a non-finite number, or a value that is not
            JSON.
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
