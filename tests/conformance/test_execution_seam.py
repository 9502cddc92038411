"""What every backend of the registry does behind the execution seam, with programs and circuit records."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from shared.circuits.instruction import Affine, Gate
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from testing.waiting import Waiting
from workers.quantum.backends import load, missing
from workers.quantum.backends.base import Backend, Control, Plan
from workers.quantum.backends.batch import Answer, Batch, Pub, Result
from workers.quantum.backends.estimation import Estimating
from workers.quantum.backends.expectation import Expectation
from workers.quantum.backends.immediate import answers, finished
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, PauliRotation, Program, Unitary
from workers.quantum.simulation.ir.refusal import CircuitError, LimitError, UnsupportedError
from workers.runtime.outcome import ResourceExhaustedError, Stopped

SHOTS = 4000
N = 3
CX = np.eye(4, dtype=np.complex128)[[0, 1, 3, 2]]
TERMS = ([("ZZI", 0.7), ("IXX", -0.4), ("III", 0.25)], [("YIY", 1.0), ("ZII", 0.5)])
POINTS = np.array([[[0.0, 0.0]], [[math.pi / 2, math.pi]], [[math.pi, math.pi / 2]]])
"""Of shape (3, 1): multiples of a right angle, which Clifford circuits have, too."""


def program(n: int = N) -> Program:
    """CX between layers of rotations, as every backend of programs runs it."""
    first, last = 1 << (n - 1), 1
    ops = (
        PauliRotation(first, first, Angle.parameter(0)), Unitary((0, 1), CX), Unitary((1, 2), CX),
        PauliRotation(last, last, Angle(((1, 1.0), (0, -1.0)))),
    )  # fmt: skip
    return Program(n, 2, ops)


def record(n: int = N) -> CircuitRecord:
    """The same as a circuit record."""
    both = Affine((("b", 1.0), ("a", -1.0)), 0.0)
    gates = (Gate("ry", (0,), (Affine((("a", 1.0),), 0.0),)), Gate("cx", (0, 1)), Gate("cx", (1, 2)))
    return CircuitRecord(n, ("a", "b"), (), (*gates, Gate("ry", (n - 1,), (both,))))


@dataclass(frozen=True)
class Case:
    """One kind of circuit on one backend."""

    name: str
    programs: bool

    def __str__(self) -> str:
        return f"{self.name}-{'programs' if self.programs else 'circuits'}"

    def loaded(self) -> Backend:
        row = BACKENDS[self.name]
        return load(self.name, next(iter(row.calibrations)) if row.devices else "")

    def backend(self) -> Backend:
        loaded = self.loaded()
        return Estimating(Waiting(loaded) if BACKENDS[self.name].provider else loaded)

    @property
    def value(self) -> Want:
        """How it tells expectation values."""
        return Want.EXPECTATIONS if Want.EXPECTATIONS in self.wants else Want.ESTIMATES

    @property
    def wants(self) -> set[Want]:
        row = BACKENDS[self.name]
        has = set(row.programs if self.programs else row.circuits)
        return has | ({Want.ESTIMATES} if not self.programs and Want.COUNTS in has else set())

    def pub(self, points: Any, terms: Any, n: int = N) -> Pub:
        observables = np.empty(len(terms), dtype=object)
        for place, one in enumerate(terms):
            observables[place] = PauliSum.from_terms(one) if self.programs else one
        circuit: Any = program(n) if self.programs else record(n)
        return Pub(circuit, np.asarray(points, dtype=np.float64), observables)

    def batch(self, *want: Want, points: Any = POINTS, terms: Any = TERMS, **more: Any) -> Batch:
        samples = self.name == "trajectories" or Want.ESTIMATES in want
        if samples and "precision" not in more:
            more = {"shots": SHOTS, **more}
        return Batch((self.pub(points, terms),), frozenset(want), **more)

    def answers(self, *want: Want, **more: Any) -> Result:
        return answers(self.backend(), self.batch(*want, **more))

    def ask(self, *want: Want, **more: Any) -> Answer:
        (answer,) = self.answers(*want, **more)
        return answer


HERE = [
    Case(name, programs)
    for name, row in BACKENDS.items()
    for programs, has in ((True, row.programs), (False, row.circuits))
    if has and not missing(name)
]
every = pytest.mark.parametrize("case", HERE, ids=str)


def exact() -> Any:
    """The expectation values of `TERMS` at `POINTS`, float64[3, 2], by dense matrices."""
    letters = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]])}
    letters["Z"] = np.diag([1, -1])

    def kron(*parts: Any) -> Any:
        whole = np.eye(1)
        for part in parts:
            whole = np.kron(whole, part)
        return whole

    def turn(angle: float) -> Any:
        c, s = math.cos(angle / 2), math.sin(angle / 2)
        return np.array([[c, -s], [s, c]])

    found = np.empty((3, 2))
    for row, (a, b) in enumerate(POINTS[:, 0]):
        state = np.eye(8)[0]
        for gate in (
            kron(turn(a), np.eye(4)), kron(CX, np.eye(2)), kron(np.eye(2), CX), kron(np.eye(4), turn(b - a)),
        ):  # fmt: skip
            state = gate @ state
        for column, terms in enumerate(TERMS):
            operator = sum(c * kron(*(letters[x] for x in string)) for string, c in terms)
            found[row, column] = (state.conj() @ operator @ state).real
    return found


@every
def test_points_and_observables_broadcast(case: Case) -> None:
    answer = case.ask(case.value)
    assert answer.expectations is not None and answer.expectations.shape == (3, 2)
    error = 1e-9 if answer.variances is None else 5 * np.sqrt(answer.variances) + 1e-9
    assert (np.abs(answer.expectations - exact()) <= error).all()


@every
def test_shapes_that_do_not_broadcast_are_refused(case: Case) -> None:
    with pytest.raises(ValueError, match="do not broadcast"):
        case.backend().prepare(case.batch(case.value, points=POINTS[:, 0]))


@every
def test_estimates_spread_as_their_variances_say(case: Case) -> None:
    if Want.ESTIMATES not in case.wants:
        return refused(case, Want.ESTIMATES, shots=SHOTS)
    answer = case.ask(Want.ESTIMATES, shots=SHOTS, seed=5)
    assert answer.expectations is not None and answer.variances is not None
    assert (np.abs(answer.expectations - exact()) <= 5 * np.sqrt(answer.variances) + 1e-9).all()
    assert 0 < answer.variances.max() < 5 / SHOTS
    other = case.ask(Want.ESTIMATES, shots=SHOTS, seed=6)
    assert other.expectations is not None and (other.expectations != answer.expectations).any()


@every
def test_a_precision_is_kept(case: Case) -> None:
    if Want.ESTIMATES not in case.wants:
        return refused(case, Want.ESTIMATES, precision=0.05)
    answer = case.ask(Want.ESTIMATES, precision=0.05)
    assert answer.variances is not None
    assert 0 < np.sqrt(answer.variances.max()) <= 0.05


@every
def test_gradients_are_those_of_the_expectation_values(case: Case) -> None:
    if Want.GRADIENTS not in case.wants:
        return refused(case, Want.EXPECTATIONS, Want.GRADIENTS)
    point = np.array([0.3, -0.8])
    answer = case.ask(Want.EXPECTATIONS, Want.GRADIENTS, points=point)
    assert answer.gradients is not None and answer.gradients.shape == (2, 2)
    for k, step in enumerate(1e-5 * np.eye(2)):
        high, low = (case.ask(Want.EXPECTATIONS, points=point + s * step).expectations for s in (1, -1))
        assert high is not None and low is not None
        assert answer.gradients[:, k] == pytest.approx((high - low) / 2e-5, abs=1e-7)
    return None


@every
def test_everything_declared_is_told(case: Case) -> None:
    points = POINTS[1, 0]
    for want in sorted(case.wants - {Want.GRADIENTS, Want.ESTIMATES}):
        terms = TERMS if want in (Want.EXPECTATIONS, Want.SPREADS) else ()
        (answer,) = case.answers(want, points=points, terms=terms, shots=100)
        told = [name for name, value in vars(answer).items() if value is not None and name != "notes"]
        assert told, want


@every
def test_what_is_not_declared_is_refused_by_name(case: Case) -> None:
    for want in sorted(set(Want) - case.wants):
        refused(case, want, shots=10)


def refused(case: Case, *want: Want, **more: Any) -> None:
    missing = sorted(set(want) - case.wants)[0]
    with pytest.raises((UnsupportedError, CircuitError), match=f"{case.name}.*{missing}"):
        case.backend().prepare(case.batch(*want, **more))


@every
def test_any_number_of_shards_gives_the_same_bits(case: Case) -> None:
    want = Want.ESTIMATES if Want.ESTIMATES in case.wants else Want.EXPECTATIONS
    backend = case.backend()
    plan = backend.prepare(case.batch(want, shots=SHOTS, seed=3))
    whole = finished(backend, plan)[0].expectations
    assert whole is not None and plan.n_units > 1
    for n in (2, 3, plan.n_units):
        edges = [plan.n_units * k // n for k in range(n + 1)]
        shards = [range(first, last) for first, last in pairwise(edges)]
        shares = {part: backend.run(plan, part) for part in reversed(shards)}
        (answer,) = backend.merge(plan, [shares[part] for part in shards])  # type: ignore[misc]
        assert answer.expectations is not None
        assert answer.expectations.tolist() == whole.tolist()


@every
def test_a_plan_moves_to_other_points(case: Case) -> None:
    backend, want = case.backend(), case.value
    plan = backend.prepare(case.batch(want, points=POINTS[0, 0]))
    for points in POINTS[:, 0]:
        (moved,), (fresh,) = (
            finished(backend, plan.at(points)),
            answers(backend, case.batch(want, points=points)),
        )
        assert moved.expectations is not None and fresh.expectations is not None
        assert moved.expectations.tolist() == fresh.expectations.tolist()


@every
def test_loops_get_the_values_of_the_batch_to_the_bit(case: Case) -> None:
    if not case.programs:
        return
    point = np.array([0.3, -0.8])
    observable = PauliSum.from_terms(TERMS[0])
    answer = case.ask(Want.EXPECTATIONS, Want.GRADIENTS, points=point, terms=TERMS[:1])
    assert answer.expectations is not None and answer.gradients is not None
    # Directly, and through a backend that knows batches alone.
    for backend in (case.loaded(), case.backend()):
        expectation = Expectation(backend, program(), observable)
        value, gradient = expectation.value_and_gradient(point)
        assert value == expectation.value(point) == answer.expectations.item()
        assert gradient.tolist() == answer.gradients[0].tolist()


@every
def test_a_run_stops_where_its_task_asks(case: Case) -> None:
    def stop() -> None:
        raise Stopped

    backend = case.backend()
    plan = backend.prepare(case.batch(case.value))
    with pytest.raises(Stopped):
        backend.run(plan, None, Control(stop))


@every
def test_more_qubits_than_declared_are_refused(case: Case) -> None:
    n = BACKENDS[case.name].max_qubits + 1
    with pytest.raises(LimitError, match=str(n)):
        case.backend().prepare(wide(case, n))


@every
def test_memory_is_declared_before_any_is_taken(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    backend, n = case.backend(), 10
    plan = backend.prepare(wide(case, n))
    if BACKENDS[case.name].provider:
        assert plan.memory_bytes == 0, "the memory is the provider's"
        return
    assert plan.memory_bytes >= BACKENDS[case.name].growth ** n
    had = plan.memory_bytes - 1
    monkeypatch.setattr("workers.quantum.simulation.cuda.device.CupyDevice.free_bytes", lambda device: had)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(total=had, available=had))
    with pytest.raises(ResourceExhaustedError, match=f"{plan.memory_bytes:,} bytes"):
        case.backend().prepare(wide(case, n))


@every
def test_preparing_allocates_nothing_of_the_size_of_a_state(case: Case) -> None:
    backend = case.backend()
    tracemalloc.start()
    plan = backend.prepare(wide(case, 10))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(plan, Plan) and peak < 2**20


def wide(case: Case, n: int) -> Batch:
    pub = Pub(program(n) if case.programs else record(n), np.zeros(2))
    want = Want.PROBABILITIES if case.programs else Want.COUNTS
    return Batch((pub,), frozenset({want}), shots=10)


@every
def test_equal_batches_have_equal_bits(case: Case) -> None:
    found = [case.ask(case.value, seed=1).expectations for _ in range(2)]
    assert found[0] is not None and found[1] is not None
    assert found[0].tolist() == found[1].tolist()
