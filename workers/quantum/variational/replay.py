"""Replay: an optimizer is run again over its journal, and continues beyond its end.

The optimizer is a deterministic function of its evaluations, so its hidden state is never stored: it is run
from the start, the journal answers as far as it goes, and only evaluations beyond it are new work.
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

# Libraries differ in the last bits between processors; an optimizer given the same values stays within this.
TOLERANCE = 1e-9
# Gradient-free methods depend on comparisons: values that are equal up to rounding, as is common by symmetry,
# are rounded to be equal, or the last bit would decide where a simplex or a line search goes. Grains per
# unit.
GRAINS = 2.0**40
# In units of the objective, far above the rounding difference of two equal values.
STANDSTILL = 1e-10

Live = Callable[[Sequence[Request]], Sequence[Entry]]


class JournalMismatch(Exception):  # noqa: N818 - names what is found, as its siblings do
    """The replayed optimizer requested an evaluation that differs from the journal's at this position."""

    def __init__(self, loop: int, position: int, reason: str) -> None:
        super().__init__(f"loop {loop}, journal position {position}: {reason}")
        self.loop, self.position = loop, position


class Pending(Exception):  # noqa: N818 - an interruption, not an error
    """The journal is exhausted: these requests are the next work."""

    def __init__(self, requests: Sequence[Request]) -> None:
        super().__init__(f"{len(requests)} evaluations pending")
        self.requests = requests


@dataclass(frozen=True)
class LoopResult:
    """Result of one loop.

    Attributes:
        loop: number of the start.
        position: position of the reported evaluation, 0-based.
        point: its parameters.
        value: the objective there.
        variance: variance of `value` if it was sampled and is known, else None.
        excess: the value without the objective's constant, used to compare starts.
        gain: decrease of the value from the first one, in the objective's unit.
        sampled: whether values come from shots.
        n_iterations: iterations of the optimizer, over all stages.
        converged: whether the optimizer reports convergence.
        message: the optimizer's final message.
        values: values of all evaluations, in order.
        operators: for an ansatz that grows: the operators of the parameters.
        variances: variances of all values, if they were sampled.
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
    """Serve as the `live` of a loop whose evaluations run as separate tasks.

    Raises:
        Pending: always.
    """
    raise Pending(requests)


def entry_of(request: Request, evaluation: Evaluation, constant: float) -> Entry:
    """Return the journal entry of an evaluation; negative zeros become zeros, which JSON and SQL preserve.

    Args:
        request: the request.
        evaluation: the result, without the objective's constant.
        constant: the objective's constant.

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
    """Evaluates for one loop's optimizer: from the journal as far as it goes, then by `live`.

    The journal holds full values; the optimizer gets them without the objective's constant and in its unit.

    Attributes:
        history: every evaluation so far, in order.
        operators: operators of the optimizer's points.
        metric: metric setting of its gradient requests.
    """

    def __init__(self, loop: int, journal: Iterable[Entry], live: Live, unit: float = 1.0) -> None:
        self.history: list[Entry] = []
        self.operators: tuple[int, ...] = ()
        self.metric: float | None = None
        self._loop, self._live, self._unit = loop, live, unit
        self._known = {entry.position: entry for entry in journal}

    def __call__(self, points: Sequence[Vector], gradient: bool) -> list[Evaluation]:
        """Evaluate a batch of points.

        Raises:
            JournalMismatch: the journal holds another point, or lacks a requested gradient.
            Pending: `live` delegates the evaluations to tasks.
            UserError: a point or a value is not finite.
        """
        metric = self.metric if gradient else None
        return self._answers([self._request(k, point, gradient, metric) for k, point in enumerate(points)])

    def screen(self, stage: Stage) -> Evaluation:
        """Return the plain gradient at a stage's point; raises as a batch does."""
        request = replace(self._request(0, stage.point, True, None), operators=stage.operators)
        return self._answers([request])[0]

    def again(self, point: Vector) -> None:
        """Evaluate a point once more, with random numbers of its own; raises as a batch does."""
        self._answers([replace(self._request(0, point, False, None), fresh=True)])

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
    # allclose takes ten times as long, which matters if an evaluation takes microseconds.
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
    start: Vector | None = None,
) -> LoopResult:
    """Run one loop over its journal, and continue by `live` to its end.

    Args:
        objective: the function to minimise.
        optimizer: its options, of the job's spec.
        seed: the job's seed.
        loop: number of the start.
        journal: recorded entries, by position; gaps within the last batch are filled.
        live: evaluates requests missing in the journal, in order, or raises.
        start: float64[n_parameters], the point of start 0; None is the objective's own.

    Raises:
        JournalMismatch: the journal belongs to another loop.
        Pending: from `pending`.
        UserError: the objective or the optimizer produced a non-finite number, or gradients are unsupported.
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
    return _Stages(objective, evaluator, optimizer).run(seed, loop, start)


def _fitting(start: Vector, n_parameters: int) -> Vector:
    if start.size != n_parameters:
        raise UserError(f"initial_point has {start.size} parameters, and the circuit has {n_parameters}")
    return start


def stopped(
    objective: Objective,
    optimizer: AnyOptimizer,
    seed: int,
    loop: int,
    journal: Iterable[Entry],
    why: str,
    start: Vector | None = None,
) -> LoopResult:
    """Return the result of a loop that ends before its optimizer does: the lowest evaluation of its journal.

    Raises:
        UserError: the journal has no evaluation.
    """
    evaluator = ReplayEvaluator(loop, journal, pending, objective.unit)
    stages = _Stages(objective, evaluator, optimizer)
    try:
        stages.run(seed, loop, start)
    except Pending:
        if not evaluator.history:
            raise UserError(f"no evaluation was possible: {why}", hint="raise the budget") from None
    return stages.result(loop, End(reached=False, message=f"stopped: {why}"))


class _Stages:
    """The stages of one loop: one run of the optimizer each, over parameters that may grow in between."""

    def __init__(self, objective: Objective, evaluator: ReplayEvaluator, optimizer: AnyOptimizer) -> None:
        self._objective, self._evaluator, self._optimizer = objective, evaluator, optimizer
        self._minimize = load(optimizer)
        self._n_iterations = 0
        self._minimum = Minimum(np.zeros(0), 0.0, 0, False, "not started")
        # Operators and history range of each stage.
        self._spans: list[tuple[tuple[int, ...], int, int | None]] = []

    def run(self, seed: int, loop: int, start: Vector | None) -> LoopResult:
        rng = seeds.generator(seed, seeds.OPTIMIZER, loop)
        own = self._objective.initial_point(loop, seeds.generator(seed, seeds.START, loop))
        step: Stage | End = Stage(own if start is None or loop > 0 else _fitting(start, own.size))
        while isinstance(step, Stage):
            end = Stage(self._minimized(step, rng), step.operators)
            step = self._objective.grow(end, self._evaluator.screen)
        if self._objective.stochastic:
            # The lowest of many noisy values is biased low: the end point is evaluated again.
            operators = self._evaluator.operators
            self._spans.append((operators, len(self._evaluator.history), None))
            self._evaluator.again(self._minimum.point)
        return self.result(loop, step)

    def _minimized(self, stage: Stage, rng: np.random.Generator) -> Vector:
        """Return the end of a stage; one without parameters is evaluated once."""
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
        """Return the lowest evaluation of the last stage that has any."""
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
