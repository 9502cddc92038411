"""What a variational loop minimises: requests, evaluations, and the objective's protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NotRequired, Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class WrittenRequest(TypedDict):
    """A `Request` as JSON, without the loop."""

    position: int
    point: list[float]
    gradient: bool
    metric: float | None
    operators: list[int]
    fresh: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class Request:
    """One evaluation requested by an optimizer.

    Attributes:
        loop: number of the start.
        position: counts the loop's evaluations from 0.
        point: the parameters, float64[n_parameters].
        gradient: whether the gradient is requested.
        metric: for a natural gradient: regularization added to the metric's diagonal; None requests the plain
            gradient.
        operators: for an ansatz that grows: the operators of the parameters, in order.
        fresh: whether a value that is usually drawn with common random numbers is drawn with others: the
            minimum of values with the common ones is biased low.
    """

    loop: int
    position: int
    point: Vector
    gradient: bool
    metric: float | None = None
    operators: tuple[int, ...] = ()
    fresh: bool = False

    def written(self) -> WrittenRequest:
        """Return the JSON form, without the loop."""
        return {
            "position": self.position,
            "point": self.point.tolist(),
            "gradient": self.gradient,
            "metric": self.metric,
            "operators": list(self.operators),
            "fresh": self.fresh,
        }

    @classmethod
    def read(cls, loop: int, written: WrittenRequest) -> Request:
        """Return the request of a loop from its JSON form."""
        return cls(
            loop,
            written["position"],
            np.array(written["point"], dtype=np.float64),
            written["gradient"],
            written["metric"],
            tuple(written["operators"]),
            written.get("fresh", False),
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of a request.

    Attributes:
        value: value of the objective, without its constant.
        gradient: gradient of the value.
        variance: variance of `value` as an estimator, None if it is exact or a single sample cannot determine
            it.
    """

    value: float
    gradient: Vector | None = None  # shape: [n_parameters]
    variance: float | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Start or end of one run of the optimizer: a point, and its operators."""

    point: Vector  # shape: [n_parameters]
    operators: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """No further stage; `reached` says whether the last one met its goal, `message` why."""

    reached: bool = True
    message: str | None = None


Screen = Callable[[Stage], Evaluation]
"""Returns the plain gradient at a stage's point, from the journal or measured."""


class Frequencies(NamedTuple):
    """Spectrum of an objective in one parameter: the first `harmonics` multiples of `spacing`."""

    spacing: float
    harmonics: int


class Objective(Protocol):
    """A function to minimise, split into units of work that may run anywhere and in any order.

    The units of a request depend only on the request, draw randomness only from the seed and the request's
    numbers, and are combined in numerical order: results are bitwise independent of where they ran.

    The full value is `constant` plus an evaluation's value, and an optimizer gets evaluations in units of
    `unit`: its path and its termination depend neither on the offset nor on the unit of the values.
    """

    @property
    def constant(self) -> float:
        """The constant part of every value, such as the identity's coefficient; separate for precision."""
        ...

    @property
    def unit(self) -> float:
        """Typical magnitude of differences between values, above 0; proportional to the objective."""
        ...

    @property
    def differentiable(self) -> bool:
        """Whether a request may include the gradient."""
        ...

    @property
    def natural(self) -> bool:
        """Whether a request may include the natural gradient."""
        ...

    @property
    def stochastic(self) -> bool:
        """Whether repeated evaluations of one point differ (shots)."""
        ...

    def initial_point(self, loop: int, rng: np.random.Generator) -> Vector:
        """Return the starting point of start number `loop`."""
        ...

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """Return the start of the next stage, given the end of the last one and its screening."""
        ...

    def frequencies(self, stage: Stage) -> Sequence[Frequencies]:
        """Return the frequencies of each parameter of a stage.

        Raises:
            UserError: some parameter has no such spectrum.
        """
        ...

    def units(self, request: Request) -> int:
        """Return the number of units of a request, at least 1."""
        ...

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Run unit number `unit`."""
        ...

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Combine the results of all units, in order, into the evaluation."""
        ...

    def cost_s(self, request: Request) -> float:
        """Return the estimated seconds for all units on one core."""
        ...


def measure(objective: Objective, request: Request) -> Evaluation:
    """Run all units of `request` here, in order."""
    return objective.combine(
        request, [objective.run_unit(request, k) for k in range(objective.units(request))]
    )
