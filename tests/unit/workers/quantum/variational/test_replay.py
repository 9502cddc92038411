import json
from dataclasses import replace

import numpy as np
import pytest

from novacron.specs.optimizer import OPTIMIZERS
from testing.specs import replay
from workers.quantum.objective import End, Evaluation, Frequencies, Request, Stage, measure
from workers.quantum.variational.replay import JournalMismatch, Pending, entry_of, pending
from workers.runtime.context import Entry
from workers.runtime.outcome import UserError

SETTINGS: dict[str, dict[str, float]] = {
    "lbfgs": {},
    "slsqp": {},
    "cobyla": {"max_iterations": 20},
    "nelder_mead": {"tolerance": 1e-4},
    "spsa": {"max_iterations": 10},
    "adam": {"max_iterations": 40},
    "powell": {"max_iterations": 2, "tolerance": 1e-4},
    "gradient_descent": {"max_iterations": 40},
    "qng": {"max_iterations": 40, "regularization": 0.5},
    "rotosolve": {"max_iterations": 2},
}


class Valley:
    """A curved valley of angles, far above zero; `sigma` adds noise that depends on the request alone."""

    differentiable = natural = True
    constant, unit = 1e6, 0.7

    def __init__(self, sigma=0.0, stages=1):
        self.sigma, self.stages = sigma, stages

    @property
    def stochastic(self):
        return self.sigma > 0.0

    def initial_point(self, loop, rng):
        return rng.uniform(-1.0, 1.0, size=2)

    def grow(self, stage, screen):
        return Stage(np.append(stage.point, -0.0)) if stage.point.size < 1 + self.stages else End()

    def frequencies(self, stage):
        return [Frequencies(1.0, 2)] * stage.point.size

    def units(self, request):
        return 3

    def run_unit(self, request, unit):
        x = request.point
        if unit == 0:
            return [float(np.sum(1.0 - np.cos(x))), *np.sin(x)]
        if unit == 1:
            w = np.zeros_like(x)
            w[0], w[1] = -2.0 * x[0] * (x[1] - x[0] ** 2), x[1] - x[0] ** 2
            return [float(0.5 * (x[1] - x[0] ** 2) ** 2), *w]
        noise = np.random.default_rng([request.loop, request.position]).normal() * self.sigma
        return [noise, *np.zeros_like(x)]

    def combine(self, request, results):
        total = np.zeros(1 + request.point.size)
        for result in results:
            total += np.asarray(result)
        variance = self.sigma**2 if self.stochastic else None
        gradient = total[1:] / (1.0 + (request.metric or 0.0)) if request.gradient else None
        return Evaluation(float(total[0]), gradient, variance)

    def cost_s(self, request):
        return 1e-6


def live_on(objective, kept):
    def live(requests):
        fresh = []
        for request in requests:
            fresh.append(entry_of(request, measure(objective, request), objective.constant))
            kept.append(fresh[-1])
        return fresh

    return live


def run(objective, name, journal=(), loop=0, **options):
    kept: list[Entry] = []
    settings = {"name": name, **SETTINGS[name], **options}
    return replay(objective, settings, 7, loop, journal, live_on(objective, kept)), kept


def same(a, b):
    return (
        len(a) == len(b)
        and all(p.position == q.position and p.value == q.value for p, q in zip(a, b, strict=True))
        and all(np.array_equal(p.point, q.point) for p, q in zip(a, b, strict=True))
        and all(
            np.array_equal(p.gradient, q.gradient)
            for p, q in zip(a, b, strict=True)
            if p.gradient is not None
        )
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("sigma", [0.0, 0.01])
def test_resuming_after_any_number_of_evaluations_changes_no_bit(name, sigma):
    objective = Valley(sigma=sigma, stages=2)
    cap = {"max_iterations": min(12, int(SETTINGS[name].get("max_iterations", 12)))} if sigma else {}
    whole, entries = run(objective, name, **cap)
    assert len(entries) == len(whole.values) > 5
    for k in range(len(entries) + 1):
        resumed, fresh = run(objective, name, journal=entries[:k], **cap)
        assert resumed == whole
        assert same(fresh, entries[k:])


def test_the_first_start_begins_where_it_is_told_to():
    start, objective = np.array([0.25, -0.5]), Valley()
    kept: list[Entry] = []
    settings = {"name": "lbfgs", **SETTINGS["lbfgs"]}
    for loop, begins in ((0, True), (1, False)):
        kept.clear()
        replay(objective, settings, 7, loop, [], live_on(objective, kept), start)
        assert np.array_equal(kept[0].point, start) == begins
    with pytest.raises(UserError, match="initial_point has 3 parameters, and the circuit has 2"):
        replay(objective, settings, 7, 0, [], live_on(objective, kept), np.zeros(3))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_interrupting_at_every_evaluation_reaches_the_same_end(name):
    objective = Valley(stages=2)
    whole, entries = run(objective, name)
    journal: list[Entry] = []
    settings = {"name": name, **SETTINGS[name]}
    while True:
        try:
            end = replay(objective, settings, 7, 0, journal, pending)
            break
        except Pending as work:
            journal += [
                entry_of(request, measure(objective, request), objective.constant)
                for request in work.requests
            ]
    assert end == whole
    assert same(journal, entries)


def test_a_batch_recorded_in_part_is_completed():
    objective = Valley()
    whole, entries = run(objective, "spsa")
    holes = entries[:5] + entries[6:16:2]
    resumed, fresh = run(objective, "spsa", journal=holes)
    assert resumed == whole
    assert len(fresh) == len(entries) - len(holes)


def test_the_result_is_the_best_evaluation_with_its_own_point():
    objective = Valley()
    result, entries = run(objective, "adam", learning_rate=0.5, max_iterations=25)
    best = min(entries, key=lambda entry: entry.value)
    assert (result.value, result.position) == (best.value, best.position)
    assert result.point == best.point.tolist()
    assert result.value < entries[-1].value


def test_a_sampled_result_is_measured_afresh_at_the_end_point():
    result, entries = run(Valley(sigma=0.05), "spsa")
    assert result.position == len(entries) - 1
    assert np.array_equal(entries[-1].point, entries[-2].point)
    assert entries[-1].value != entries[-2].value
    assert result.variance == 0.05**2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_point_in_the_journal_is_named_by_its_position(name):
    _, entries = run(Valley(), name)
    moved = replace(entries[4], point=entries[4].point + 1e-6)
    with pytest.raises(JournalMismatch, match=r"loop 0, journal position 4: .* 1.00e-06 from") as caught:
        run(Valley(), name, journal=[*entries[:4], moved])
    assert caught.value.position == 4
    nearly = replace(entries[4], point=entries[4].point * (1.0 + 1e-13))
    assert run(Valley(), name, journal=[*entries[:4], nearly])[0].excess == pytest.approx(0.0, abs=1.0)


def test_a_journal_without_the_gradient_or_of_another_size_does_not_match():
    _, entries = run(Valley(), "lbfgs")
    bare = Entry(0, entries[0].point, entries[0].value)
    with pytest.raises(JournalMismatch, match="a gradient is asked for"):
        run(Valley(), "lbfgs", journal=[bare])
    with pytest.raises(JournalMismatch, match="3 parameters recorded, 2 asked for"):
        run(Valley(), "lbfgs", journal=[Entry(0, np.zeros(3), 0.0, np.zeros(3))])


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_not_finite_ends_the_loop_with_its_place(name, bad):
    class Broken(Valley):
        def run_unit(self, request, unit):
            return [bad if request.position == 3 else 0.0, *super().run_unit(request, unit)[1:]]

    with pytest.raises(UserError, match="not finite at evaluation 4 of start 2"):
        run(Broken(), name, loop=2)


def test_steps_to_infinity_are_the_users_to_hear_of():
    def away(requests):
        return [entry_of(request, Evaluation(0.0, np.full(2, -1e305)), 0.0) for request in requests]

    settings = {"name": "gradient_descent", "learning_rate": 1e6}
    with (
        pytest.warns(RuntimeWarning, match="overflow"),
        pytest.raises(UserError, match=r"evaluation 2; .* lower optimizer\.learning_rate"),
    ):
        replay(Valley(), settings, 7, 0, [], away)


def test_starts_differ_and_repeat():
    ends = [run(Valley(), "lbfgs", loop=loop)[1][0].point for loop in (0, 1, 1)]
    assert not np.array_equal(ends[0], ends[1])
    assert np.array_equal(ends[1], ends[2])


class Growing(Valley):
    """Angles added one by one, each the number of the operator with the steepest slope in a pool of three."""

    TARGETS = np.array([0.3, -1.0, 0.6])

    def initial_point(self, loop, rng):
        return np.zeros(0)

    def units(self, request):
        return 1

    def run_unit(self, request, unit):
        total = np.zeros(3)
        np.add.at(total, list(request.operators), request.point)
        slopes = np.sin(total - self.TARGETS)[list(request.operators)]
        noise = np.random.default_rng([request.loop, request.position]).normal() * self.sigma
        return [float(3.0 - np.cos(total - self.TARGETS).sum() + noise), *slopes]

    def grow(self, stage, screen):
        chosen = stage.operators
        evaluation = screen(Stage(np.append(stage.point, np.zeros(3)), (*chosen, 0, 1, 2)))
        slopes = np.abs(evaluation.gradient[len(chosen) :])
        if slopes.max() < 1e-3 or len(chosen) == 4:
            return End(slopes.max() < 1e-3, f"{len(chosen)} operators")
        return Stage(np.append(stage.point, 0.0), (*chosen, int(np.argmax(slopes))))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("sigma", [0.0, 0.01])
def test_what_grows_is_resumed_at_every_evaluation(name, sigma):
    objective = Growing(sigma=sigma)
    short = {"max_iterations": {"powell": 1, "rotosolve": 1}.get(name, 5), "tolerance": 1e-3}
    whole, entries = run(objective, name, **short)
    assert len(whole.operators) == len(whole.point) > 1
    for k in range(len(entries) + 1):
        resumed, fresh = run(objective, name, journal=entries[:k], **short)
        assert resumed == whole
        assert same(fresh, entries[k:])


def test_what_grows_takes_the_steepest_first_and_reports_what_it_took():
    whole, entries = run(Growing(), "lbfgs", tolerance=1e-12)
    assert whole.operators == [1, 2, 0]
    assert whole.point == pytest.approx([-1.0, 0.6, 0.3], abs=1e-5)
    assert whole.converged and whole.message == "3 operators"
    # It starts with the value without any operator, then screens.
    assert [entry.point.size for entry in entries[:3]] == [0, 3, 1]
    assert entries[-1].point.size == 6
    assert whole.position < len(entries) - 1


def test_what_cannot_grow_says_so():
    whole, _ = run(Growing(sigma=0.5), "gradient_descent", max_iterations=2)
    assert not whole.converged and whole.message == "4 operators"


def test_a_natural_gradient_is_asked_for_with_its_regularization():
    metrics = set()

    class Noting(Valley):
        def run_unit(self, request, unit):
            metrics.add(request.metric)
            return super().run_unit(request, unit)

    run(Noting(), "qng")
    assert metrics == {0.5}
    metrics.clear()
    run(Noting(), "gradient_descent")
    assert metrics == {None}


def test_natural_gradients_are_refused_where_there_are_none():
    class Sampled(Valley):
        natural = False

    with pytest.raises(UserError, match=r"'qng' needs the exact state"):
        run(Sampled(), "qng")


def test_a_request_survives_the_trip_through_json():
    request = Request(3, 5, np.array([0.1, -2.0]), True, 1e-3, (4, 0))
    again = Request.read(3, json.loads(json.dumps(request.written())))
    assert np.array_equal(again.point, request.point)
    assert again.written() == request.written() and again.operators == (4, 0)
