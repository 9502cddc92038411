"""What a variational loop minimises: requests, evaluations, and the protocol in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Request:
    """One point that an optimizer asked for; `position` counts its loop's evaluations from 0."""

    loop: int
    position: int
    point: Vector  # shape: [n_parameters]
    gradient: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer to a request; `variance` is that of `value` as an estimator, None where it is exact."""

    value: float
    gradient: Vector | None = None  # shape: [n_parameters]
    variance: float | None = None


class Objective(Protocol):
    """A function to minimise, cut into units of work that may run anywhere and in any order.

    The units of a request depend on the request alone, draw randomness only from (seed, loop, position, unit)
    and are combined in the order of their numbers: who ran them leaves no trace in the bits.
    """

    @property
    def differentiable(self) -> bool:
        """Whether a request may ask for the gradient."""
        ...

    @property
    def stochastic(self) -> bool:
        """Whether two evaluations of one point differ (shots)."""
        ...

    def initial_point(self, loop: int, rng: np.random.Generator) -> Vector:
        """Where start number `loop` begins."""
        ...

    def grow(self, point: Vector) -> Vector | None:
        """The start of the next stage, from the end of the last one; None when there is no further stage."""
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
