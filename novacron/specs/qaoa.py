"""The quantum approximate optimization algorithm: `hybrid_qaoa`."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from novacron.errors import BadInput
from novacron.specs import magnitude
from novacron.specs.base import DEFAULT_LEVEL, Layers, Level, Precision, Shots, Spec, Starts
from novacron.specs.initial_point import Start
from novacron.specs.optimizer import Lbfgs, Optimizer, Rotosolve
from novacron.specs.problem import Problem
from novacron.specs.refusal import passed_on, refuse

if TYPE_CHECKING:
    from novacron.inputs.files import Files

FEWEST, ROUNDING = 1e-3, 1e-9
MOST_HARMONICS = 256
"""Limit on the multiples of one frequency in a parameter, for rotosolve and gradients from shots."""


class QAOA(Spec):
    """Search for a good solution of a binary optimization problem.

    Attributes:
        problem: as a mapping, or the path of a graph file.
        layers: p, the number of (gamma, beta) pairs.
        init: initialization of the angles.
        optimizer: by name or as a mapping.
        shots: samples of the final state; None gives exact probabilities.
        starts: number of independent starting points; the best is the result.
        initial_point: where the first start begins, in place of `init`: gammas, then betas, or those of an
            earlier job.
        precision: precision of the amplitudes; sums are in double.
        optimization_level: effort of compilation for a device, from 0 (only translate) to 3 (search).
    """

    kind: Literal["hybrid_qaoa"] = "hybrid_qaoa"
    problem: Problem
    layers: Layers = 1
    init: Literal["linear_ramp", "interp", "random"] = "linear_ramp"
    optimizer: Optimizer = Field(default_factory=Lbfgs)
    shots: Shots | None = 1024
    starts: Starts = 1
    initial_point: Start | None = None
    precision: Precision = "double"
    optimization_level: Level = DEFAULT_LEVEL

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if "problem" in data:
            data = {**data, "problem": files.problem(data["problem"], "problem")}
        return data

    @model_validator(mode="after")
    def _check_optimizer(self) -> Self:
        coefficients = self.problem.body.coefficients
        try:
            magnitude.check(coefficients, "problem", "them")
        except BadInput as error:
            raise passed_on(error, ("problem",)) from None
        if isinstance(self.optimizer, Rotosolve) and not few_multiples_of_one(coefficients):
            rule = f"rotosolve needs weights that are whole multiples of one number, {MOST_HARMONICS} in all"
            raise refuse(rule, at=("optimizer", "name"), value="rotosolve", hint="use lbfgs")
        return self

    @model_validator(mode="after")
    def _check_start(self) -> Self:
        start = self.initial_point
        if start is not None and self.init == "interp":
            rule = "interp starts with one layer"
            raise refuse(rule, at=("initial_point",), hint="leave out init")
        if start is not None and start.values is not None and len(start.values) != 2 * self.layers:
            rule = f"must have two parameters per layer, {2 * self.layers}, not {len(start.values)}"
            raise refuse(rule, at=("initial_point",))
        return self

    @property
    def n_qubits(self) -> int:
        """One qubit per node, variable or spin."""
        return self.problem.body.size

    @property
    def n_terms(self) -> int:
        """Number of edges or coefficients."""
        return self.problem.body.n_terms

    @property
    def n_parameters(self) -> int:
        """Two angles per layer."""
        return 2 * self.layers


def few_multiples_of_one(numbers: Iterable[float]) -> bool:
    """Return whether all numbers are multiples of one unit, together at most `MOST_HARMONICS` of it.

    The unit must be at least a thousandth of the greatest number.
    """
    sizes = sorted((abs(number) for number in numbers if number), reverse=True)
    floor = FEWEST * sizes[0] if sizes else 0.0
    common = 0.0
    for size in sizes:
        while size > ROUNDING * sizes[0]:
            common, size = size, math.fmod(common, size)
            # Rounding may leave a remainder just below its divisor.
            size = min(size, abs(common - size))
        if common < floor:
            return False
    return sum(sizes) <= (MOST_HARMONICS + 0.5) * common
