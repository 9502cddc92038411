"""What a variational loop minimises: requests, evaluations, and the protocol in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class WrittenRequest(TypedDict):
    """A `Request` as JSON has it, without the loop."""

    position: int
    point: list[float]
    gradient: bool
    metric: float | None
    operators: list[int]


@dataclass(frozen=True, slots=True)
class Request:
    """One point that an optimizer asked for.

    Attributes:
        loop: number of the start.
        position: counts the loop's evaluations from 0.
        point: the parameters, float64[n_parameters].
        gradient: whether the gradient is asked for.
        metric: of a natural gradient: what to add to the metric's diagonal; None asks for the plain gradient.
        operators: of an ansatz that grows: those that the parameters belong to, in order.
    """

    loop: int
    position: int
    point: Vector
    gradient: bool
    metric: float | None = None
    operators: tuple[int, ...] = ()

    def written(self) -> WrittenRequest:
        """As JSON has it, without the loop."""
        return {
            "position": self.position,
            "point": self.point.tolist(),
            "gradient": self.gradient,
            "metric": self.metric,
            "operators": list(self.operators),
        }

    @classmethod
    def read(cls, loop: int, written: WrittenRequest) -> Request:
        """The request of a loop that `written` came from."""
        return cls(
            loop,
            written["position"],
            np.array(written["point"], dtype=np.float64),
            written["gradient"],
            written["metric"],
            tuple(written["operators"]),
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer to a request.

    Attributes:
        value: of the objective, above its constant.
        gradient: of the value.
        variance: of `value` as an estimator, None where it is exact or one sample cannot tell.
    """

    value: float
    gradient: Vector | None = None  # shape: [n_parameters]
    variance: float | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where one run of the optimizer begins or ends: a point, and the operators that it belongs to."""

    point: Vector  # shape: [n_parameters]
    operators: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """There is no further stage; `reached` tells whether the last one is what was aimed at, `message` why."""

    reached: bool = True
    message: str | None = None


Screen = Callable[[Stage], Evaluation]
"""The plain gradient at a stage's point, from the journal or measured."""


class Frequencies(NamedTuple):
    """How an objective oscillates with one parameter: at the first `harmonics` multiples of `spacing`."""

    spacing: float
    harmonics: int


class Objective(Protocol):
    """A function to minimise, cut into units of work that may run anywhere and in any order.

    The units of a request depend on the request alone, draw randomness only from (seed, loop, position, unit)
    and are combined in the order of their numbers: who ran them leaves no trace in the bits.

    Its value is `constant` + that of an evaluation, and an optimizer is told evaluations in units of `unit`:
    where the optimizer goes and when it stops depends neither on the zero nor on the unit of the values.
    """

    @property
    def constant(self) -> float:
        """What every value contains, such as the identity's coefficient: kept apart, it costs no digits."""
        ...

    @property
    def unit(self) -> float:
        """The size of typical differences between values, above 0; proportional to the objective."""
        ...

    @property
    def differentiable(self) -> bool:
        """Whether a request may ask for the gradient."""
        ...

    @property
    def natural(self) -> bool:
        """Whether a request may ask for the natural gradient."""
        ...

    @property
    def stochastic(self) -> bool:
        """Whether two evaluations of one point differ (shots)."""
        ...

    def initial_point(self, loop: int, rng: np.random.Generator) -> Vector:
        """Where start number `loop` begins."""
        ...

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """The start of the next stage, from the end of the last one and what screening it shows."""
        ...

    def frequencies(self, stage: Stage) -> Sequence[Frequencies]:
        """Those of each parameter of a stage.

        Raises:
            UserError: some parameter has no such spectrum.
        """
        ...

    def units(self, request: Request) -> int:
        """How many units the request is cut into, at least 1."""
        ...

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Runs unit number `unit`."""
        ...

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """The evaluation, from the results of all units in order."""
        ...

    def cost_s(self, request: Request) -> float:
        """Estimated seconds for all units on one core."""
        ...


def measure(objective: Objective, request: Request) -> Evaluation:
    """Runs all units of `request` here, in order."""
    return objective.combine(
        request, [objective.run_unit(request, k) for k in range(objective.units(request))]
    )
