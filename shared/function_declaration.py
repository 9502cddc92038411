"""How a function that `pure_classical` jobs may call is declared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from novacron.errors import BadInput, nearest

Type = Literal["integer", "number", "string", "boolean", "array", "object"]

_PYTHON: dict[Type, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (Mapping,),
}


class _Required:
    """Marks an argument without a default."""


REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function.

    Attributes:
        name: its key in the job's `arguments`.
        type: JSON type; an integer is a number too, a boolean is neither.
        summary: its meaning, with its unit.
        default: value if the job gives none; REQUIRED if it must give one. A None default allows null.
        minimum: least allowed number, inclusive.
        maximum: greatest allowed number, inclusive.
        choices: the allowed values; any if empty.
        max_nodes: maximum number of nodes of a graph; None is no limit.
        is_circuit: whether it is OpenQASM text, which is parsed at submission.
    """

    name: str
    type: Type
    summary: str = ""
    default: Any = REQUIRED
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    max_nodes: int | None = None
    is_circuit: bool = False

    def check(self, value: Any, field: str) -> Any:
        """Return the value if it is allowed.

        Raises:
            BadInput: names the field, the value and the broken rule.
        """
        if value is None and self.default is None:
            return None
        if not isinstance(value, _PYTHON[self.type]) or (isinstance(value, bool) and self.type != "boolean"):
            raise BadInput(
                f"must be of type {self.type}", field=field, value=value, hint=self.summary or None
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise BadInput("must be a finite number", field=field, value=str(value))
        if self.choices and value not in self.choices:
            close = nearest(value, [str(choice) for choice in self.choices])
            raise BadInput(
                f"must be one of {', '.join(map(str, self.choices))}",
                field=field,
                value=value,
                hint=f"did you mean {close!r}?" if close else None,
            )
        self._check_range(value, field)
        self._check_nodes(value, field)
        return value

    def _check_nodes(self, value: Any, field: str) -> None:
        n_nodes = value.get("n_nodes") if isinstance(value, Mapping) else None
        if self.max_nodes is not None and isinstance(n_nodes, int) and n_nodes > self.max_nodes:
            hint = "give it a smaller graph, or use another function"
            raise BadInput(f"must have at most {self.max_nodes} nodes", field=field, value=n_nodes, hint=hint)

    def _check_range(self, value: Any, field: str) -> None:
        if self.minimum is not None and value < self.minimum:
            raise BadInput(f"must be at least {self.minimum:g}", field=field, value=value)
        if self.maximum is not None and value > self.maximum:
            raise BadInput(f"must be at most {self.maximum:g}", field=field, value=value)


@dataclass(frozen=True, slots=True)
class Function:
    """A function that `pure_classical` jobs can call by name.

    Attributes:
        name: stable; renaming is a migration.
        summary: one line.
        arguments: its arguments.
        implementation: "module:attribute", loaded by the worker that runs it. Called as `function(arguments,
            seed, checkpoint)`: arguments with defaults filled in, the job's seed, and a function to call
            between units of work, which raises if the task should stop. Returns JSON.
        check: validates the arguments together, at submission: called with them and their field, raises
            BadInput.
        version: incremented with every change of its results, so that older cached results are not reused.
        package: the distribution that declares it, with its version; set when it is found.
        extra: optional part of this package that the worker needs, see `shared.extras`; empty for none.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    implementation: str
    check: Callable[[Mapping[str, Any], str], None] | None = None
    version: int = 1
    package: str | None = None
    extra: str = ""
