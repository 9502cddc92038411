"""Replay: an optimizer run again over its journal, and on beyond its end.

The optimizer is a deterministic function of what its evaluations answered, so its hidden state is never
stored: it is run from the start, the journal answers as far as it goes, and only what lies beyond is work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite

import numpy as np

from novacron.specs.optimizer import AnyOptimizer, Qng, Rotosolve
from workers.quantum.objective import End, Evaluation, Objective, Request, Stage, Vector
from workers.quantum.optimizers import load
from workers.quantum.optimizers.base import Minimum
from workers.quantum.variational import seeds
from workers.runtime.context import Entry
from workers.runtime.outcome import OverflowedError, UserError

# Libraries differ in the last bits between processors; an optimizer fed the same values stays within this.
TOLERANCE = 1e-9
# Methods without gradients go by comparisons: values that are equal but for rounding, as symmetry often makes
# them, are told as equal, or the last bit would decide where a simplex or a line search goes. To a unit.
GRAINS = 2.0**40
# In units of the objective, far above what rounding makes of two equal values.
STANDSTILL = 1e-10

Live = Callable[[Sequence[Request]], Sequence[Entry]]


class JournalMismatch(Exception):  # noqa: N818 - names what is found, as its siblings do
    """The replayed optimizer asked for something else than the journal holds at this position."""

    def __init__(self, loop: int, position: int, reason: str) -> None:
        super().__init__(f"loop {loop}, journal position {position}: {reason}")
        self.loop, self.position = loop, position


class Pending(Exception):  # noqa: N818 - an interruption, not an error
    """The journal has run out: these requests are the next work."""

    def __init__(self, requests: Sequence[Request]) -> None:
        super().__init__(f"{len(requests)} evaluations pending")
        self.requests = requests


@dataclass(frozen=True)
class LoopResult:
    """What one loop came to.

    Attributes:
        loop: number of the start.
        position: of the evaluation reported, 0-based.
        point: its parameters.
        value: the objective there.
        variance: of `value` where it was sampled and can be told, else None.
        excess: the value without the objective's constant, by which starts are compared.
        gain: how far the value lies below the first, in the objective's unit.
        sampled: whether values come from shots.
        n_iterations: of the optimizer, over all stages.
        converged: whether the optimizer says so.
        message: the optimizer's last word.
        values: of all evaluations, in order.
        operators: of an ansatz that grew: those that the parameters belong to.
        variances: of all values, where they were sampled.
    """

    loop: int
    position: int
    point: list[float]
    value: float
    variance: float | None
    excess: float
    gain: float
    sampled: bool
    n_iterations: int
    converged: bool
    message: str
    values: list[float]
    operators: list[int] = field(default_factory=list)
    variances: list[float | None] = field(default_factory=list)

    @property
    def left_its_start(self) -> bool:
        """Whether the value is lower than the first by more than rounding."""
        return self.gain > STANDSTILL


def pending(requests: Sequence[Request]) -> Sequence[Entry]:
    """The `live` of a loop whose evaluations run as tasks of their own.

    Raises:
        Pending: always.
    """
    raise Pending(requests)


def entry_of(request: Request, evaluation: Evaluation, constant: float) -> Entry:
    """The journal's record of an evaluation; negative zeros become zeros, which JSON and SQL keep alike.

    Args:
        request: what was asked for.
        evaluation: the answer, above the objective's constant.
        constant: that constant.

    Raises:
        UserError: the value or the gradient is not finite.
    """
    gradient = None if evaluation.gradient is None else np.asarray(evaluation.gradient, np.float64) + 0.0
    if not isfinite(evaluation.value) or not (gradient is None or np.isfinite(gradient).all()):
        raise _overflowed(request, evaluation.value)
    excess = float(evaluation.value) + 0.0
    if not (isfinite(constant + excess) and isfinite(evaluation.variance or 0.0)):
        raise _overflowed(request, constant + excess)
    return Entry(
        request.position,
        request.point,
        constant + excess + 0.0,
        gradient,
        evaluation.variance,
        excess if constant else None,
    )


def _overflowed(request: Request, value: float) -> OverflowedError:
    return OverflowedError(
        f"the objective is not finite at evaluation {request.position + 1} of start {request.loop} "
        f"(value {value}); check the coefficients and angles of the problem for overflow"
    )


class ReplayEvaluator:
    """Answers one loop's optimizer: from the journal while it lasts, then from `live`.

    The journal holds values as people see them, the optimizer gets them above the objective's constant and in
    its unit.

    Attributes:
        history: every evaluation answered so far, in order.
        operators: those that the optimizer's points belong to.
        metric: what its requests for gradients say of the metric.
    """

    def __init__(self, loop: int, journal: Iterable[Entry], live: Live, unit: float = 1.0) -> None:
        self.history: list[Entry] = []
        self.operators: tuple[int, ...] = ()
        self.metric: float | None = None
        self._loop, self._live, self._unit = loop, live, unit
        self._known = {entry.position: entry for entry in journal}

    def __call__(self, points: Sequence[Vector], gradient: bool) -> list[Evaluation]:
        """Evaluates a batch of points.

        Raises:
            JournalMismatch: the journal holds another point, or no gradient where one is asked for.
            Pending: `live` leaves the evaluations to tasks.
            UserError: a point or a value is not finite.
        """
        metric = self.metric if gradient else None
        return self._answers([self._request(k, point, gradient, metric) for k, point in enumerate(points)])

    def screen(self, stage: Stage) -> Evaluation:
        """The plain gradient at a stage's point; raises as a batch does."""
        request = replace(self._request(0, stage.point, True, None), operators=stage.operators)
        return self._answers([request])[0]

    def _request(self, k: int, point: Vector, gradient: bool, metric: float | None) -> Request:
        position = len(self.history) + k
        owned = _owned(point, self._loop, position)
        return Request(self._loop, position, owned, gradient, metric, self.operators)

    def _answers(self, requests: Sequence[Request]) -> list[Evaluation]:
        missing = [request for request in requests if request.position not in self._known]
        for request in requests:
            if request.position in self._known:
                self._check(request)
        for entry in self._live(missing) if missing else ():
            self._known[entry.position] = entry
        batch = [self._known[request.position] for request in requests]
        self.history.extend(batch)
        return [self._told(entry, request.gradient) for entry, request in zip(batch, requests, strict=True)]

    def _told(self, entry: Entry, with_gradient: bool) -> Evaluation:
        value = entry.above_constant / self._unit
        variance = None if entry.variance is None else entry.variance / self._unit / self._unit
        if not with_gradient:
            return Evaluation(round(value * GRAINS) / GRAINS, None, variance)
        assert entry.gradient is not None
        return Evaluation(value, entry.gradient / self._unit, variance)

    def _check(self, request: Request) -> None:
        entry = self._known[request.position]
        if entry.point.shape != request.point.shape:
            reason = f"{entry.point.size} parameters recorded, {request.point.size} asked for"
        elif not _close(entry.point, request.point):
            gap = float(np.abs(entry.point - request.point).max())
            reason = f"the point recorded lies {gap:.2e} from the one asked for"
        elif request.gradient and entry.gradient is None:
            reason = "a gradient is asked for, and none is recorded"
        else:
            return
        raise JournalMismatch(self._loop, request.position, reason)


def _close(recorded: Vector, asked: Vector) -> bool:
    # allclose does the same in ten times the time, which counts where an evaluation takes microseconds.
    return bool((np.abs(recorded - asked) <= TOLERANCE * (1.0 + np.abs(asked))).all())


def _owned(point: Vector, loop: int, position: int) -> Vector:
    # Optimizers reuse their arrays; adding zero copies, and turns negative zeros into zeros.
    copy = np.asarray(point, dtype=np.float64) + 0.0
    if not np.isfinite(copy).all():
        raise OverflowedError(
            f"the optimizer of start {loop} ran away to infinite parameters at evaluation {position + 1}; "
            "scale the problem down, or lower optimizer.learning_rate where there is one"
        )
    return copy


def replay(
    objective: Objective,
    optimizer: AnyOptimizer,
    seed: int,
    loop: int,
    journal: Iterable[Entry],
    live: Live,
) -> LoopResult:
    """Runs one loop over its journal, and on through `live` to its end.

    Args:
        objective: what to minimise.
        optimizer: its options, of the job's spec.
        seed: the job's seed.
        loop: number of the start.
        journal: what is recorded, by position; gaps within the last batch are filled.
        live: evaluates the requests that the journal does not answer, in order, or raises.

    Raises:
        JournalMismatch: the journal belongs to another loop.
        Pending: from `pending`.
        UserError: the objective or the optimizer left the finite numbers, or has no gradients to give.
    """
    if optimizer.gradient and not objective.differentiable:
        raise UserError(
            f"optimizer.name = {optimizer.name!r} needs gradients, which there are none of here; "
            "choose spsa, cobyla or nelder_mead"
        )
    if isinstance(optimizer, Qng) and not objective.natural:
        raise UserError(
            f"optimizer.name = {optimizer.name!r} needs the exact state of one circuit; "
            "leave shots at null, or choose adam or spsa"
        )
    evaluator = ReplayEvaluator(loop, journal, live, objective.unit)
    if isinstance(optimizer, Qng):
        evaluator.metric = optimizer.regularization
    return _Stages(objective, evaluator, optimizer).run(seed, loop)


class _Stages:
    """The stages of one loop: one run of the optimizer each, over parameters that may grow in between."""

    def __init__(self, objective: Objective, evaluator: ReplayEvaluator, optimizer: AnyOptimizer) -> None:
        self._objective, self._evaluator, self._optimizer = objective, evaluator, optimizer
        self._minimize = load(optimizer)
        self._n_iterations = 0
        self._minimum = Minimum(np.zeros(0), 0.0, 0, False, "not started")
        # Operators, and the history from where to where, of each stage.
        self._spans: list[tuple[tuple[int, ...], int, int | None]] = []

    def run(self, seed: int, loop: int) -> LoopResult:
        rng = seeds.generator(seed, seeds.OPTIMIZER, loop)
        step: Stage | End = Stage(
            self._objective.initial_point(loop, seeds.generator(seed, seeds.START, loop))
        )
        while isinstance(step, Stage):
            end = Stage(self._minimized(step, rng), step.operators)
            step = self._objective.grow(end, self._evaluator.screen)
        if self._objective.stochastic:
            # The lowest of many noisy values is biased low: the end point is measured afresh.
            operators = self._evaluator.operators
            self._spans.append((operators, len(self._evaluator.history), None))
            self._evaluator([self._minimum.point], False)
        return self.result(loop, step)

    def _minimized(self, stage: Stage, rng: np.random.Generator) -> Vector:
        """The end of a stage; one without parameters is evaluated once."""
        first = len(self._evaluator.history)
        self._evaluator.operators = stage.operators
        self._spans.append((stage.operators, first, None))
        if not stage.point.size:
            (evaluation,) = self._evaluator([stage.point], False)
            self._minimum = Minimum(stage.point, evaluation.value, 0, True, "there is nothing to vary")
        else:
            minimize = self._minimize
            if isinstance(self._optimizer, Rotosolve):
                minimize = partial(minimize, spectrum=self._objective.frequencies(stage))
            self._minimum = minimize(self._evaluator, stage.point, self._optimizer, rng)
        self._n_iterations += self._minimum.n_iterations
        self._spans[-1] = (stage.operators, first, len(self._evaluator.history))
        return self._minimum.point

    def result(self, loop: int, end: End) -> LoopResult:
        """The lowest evaluation of the last stage that has any."""
        history = self._evaluator.history
        operators, first, last = next(span for span in reversed(self._spans) if span[1] < len(history))
        best = min(history[first:last], key=lambda entry: entry.above_constant)
        return LoopResult(
            loop=loop,
            position=best.position,
            point=best.point.tolist(),
            value=best.value,
            variance=best.variance,
            excess=best.above_constant,
            gain=(history[0].above_constant - best.above_constant) / self._objective.unit,
            sampled=self._objective.stochastic,
            n_iterations=self._n_iterations,
            converged=self._minimum.converged and end.reached,
            message=end.message or self._minimum.message,
            values=[entry.value for entry in history],
            operators=list(operators),
            variances=[entry.variance for entry in history] if self._objective.stochastic else [],
        )
