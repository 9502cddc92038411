"""The functions a `pure_classical` job may call, and their arguments.

Declarations only: the scheduler validates a submission against this table without loading NumPy; a worker
loads the implementation. Other packages add to it through entry points of the group `novacron.functions`,
each of them naming a `Function`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from novacron.errors import BadInput, nearest
from novacron.specs import Classical
from shared.built_in_functions import BUILT_IN
from shared.function_declaration import REQUIRED, Argument, Function, Type

__all__ = [
    "REQUIRED", "Argument", "Function", "Type", "call", "check", "check_job", "circuits", "find", "functions",
]  # fmt: skip

GROUP = "novacron.functions"


@cache
def functions() -> Mapping[str, Function]:
    """Return all functions by name: the built-in ones, then those of installed packages.

    Raises:
        ValueError: a package declares something other than a Function, or a name that is taken.
    """
    table = {function.name: function for function in BUILT_IN}
    for entry in entry_points(group=GROUP):
        declared = entry.load()
        if not isinstance(declared, Function):
            raise ValueError(f"entry point {entry.value} of {GROUP} is not a shared.functions.Function")
        if declared.name in table:
            raise ValueError(f"entry point {entry.value} of {GROUP}: the name {declared.name!r} is taken")
        package = None if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
        table[declared.name] = replace(declared, package=package)
    return table


def find(name: object) -> Function:
    """Return the function of this name.

    Raises:
        BadInput: there is none; the hint is the closest known name.
    """
    table = functions()
    if isinstance(name, str) and name in table:
        return table[name]
    close = nearest(name, table)
    raise BadInput(
        "is not a registered function",
        field="function",
        value=name,
        hint=f"did you mean {close!r}?" if close else f"known: {', '.join(table)}",
    )


def check(name: object, arguments: Mapping[str, Any], field: str = "arguments") -> dict[str, Any]:
    """Validate arguments and return them as the function gets them, with defaults filled in.

    Args:
        name: the function.
        arguments: the job's arguments.
        field: their path in the job, for messages.

    Raises:
        BadInput: for the first violation: field, value, rule and hint.
    """
    function = find(name)
    known = {argument.name: argument for argument in function.arguments}
    for key in arguments:
        if key not in known:
            close = nearest(key, known)
            rest = f"{function.name} takes {', '.join(known) or 'no arguments'}"
            hint = f"did you mean {close!r}?" if close else rest
            raise BadInput(f"is not an argument of {function.name}", field=f"{field}.{key}", hint=hint)
    filled = dict(_filled(function, arguments, field))
    if function.check is not None:
        function.check(filled, field)
    return filled


def _filled(function: Function, given: Mapping[str, Any], field: str) -> Iterator[tuple[str, Any]]:
    for argument in function.arguments:
        place = f"{field}.{argument.name}"
        if argument.name in given:
            yield argument.name, argument.check(given[argument.name], place)
        elif argument.default is REQUIRED:
            raise BadInput(f"is required by {function.name}", field=place, hint=argument.summary or None)
        else:
            yield argument.name, argument.default


def call(spec: Classical, index: int = 0) -> dict[str, Any]:
    """Return the validated arguments of one call; an entry of `map` overrides `arguments`.

    Raises:
        BadInput: as `check`; the field names the entry.
    """
    if spec.map is None:
        return check(spec.function, spec.arguments)
    return check(spec.function, {**spec.arguments, **spec.map[index]}, f"map[{index}]")


def check_job(spec: Classical) -> int:
    """Validate every call of a `pure_classical` job, and return their number: one, or one per entry of `map`.

    Raises:
        BadInput: as `check`.
    """
    for index in range(spec.n_calls):
        call(spec, index)
    return spec.n_calls


def circuits(spec: Classical) -> Iterator[tuple[str, str]]:
    """Yield the OpenQASM texts in the arguments of a valid job, each with its field."""
    names = [argument.name for argument in find(spec.function).arguments if argument.is_circuit]
    for index in range(spec.n_calls):
        field = "arguments" if spec.map is None else f"map[{index}]"
        given = call(spec, index) if names else {}
        yield from ((given[name], f"{field}.{name}") for name in names)
