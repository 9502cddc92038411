from typing import Any

import numpy as np
import pytest

from shared.quantum.wants import Want
from testing.asking import Asking
from tests.conformance.test_backends import random_sum
from tests.unit.workers.quantum.simulation.cuda.emulated import EmulatedDevice
from tests.unit.workers.quantum.simulation.cuda.programs import N_PARAMETERS, program
from tests.unit.workers.quantum.simulation.cuda.test_schedule import qaoa
from workers.quantum.backends.gpu import Gpu
from workers.quantum.backends.immediate import prepared
from workers.quantum.simulation.cuda.memory import MAX_BATCH, MemoryPlan
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.ir.program import Angle, Program, RXLayer
from workers.quantum.simulation.ir.refusal import MemoryLimitError


class Counting(EmulatedDevice):
    """Counts the bytes that are asked for."""

    asked = 0

    def upload(self, values: Any) -> Any:
        self.asked += values.nbytes
        return super().upload(values)

    def empty(self, length: int, dtype: Any) -> Any:
        self.asked += length * np.dtype(dtype).itemsize
        return super().empty(length, dtype)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("make", [lambda: program(np.random.default_rng(1), 9, 60), lambda: qaoa(12, 3)])
def test_no_more_is_asked_for_than_planned(device: EmulatedDevice, make: Any, precision: Precision) -> None:
    made = make()
    observable = random_sum(np.random.default_rng(2), made.n_qubits, 20)
    counting = Counting(device.library)
    backend = Gpu(precision=precision, device=counting)
    plan = prepared(backend, made, observable, {Want.EXPECTATIONS, Want.GRADIENTS})
    assert not counting.asked
    backend.run(plan.at(np.full(made.n_parameters, 0.3)))
    assert 0 < counting.asked <= plan.memory_bytes


@pytest.mark.parametrize(("precision", "amplitude"), [("double", 16), ("single", 8)])
def test_large_states_take_what_is_promised(
    device: EmulatedDevice, precision: Precision, amplitude: int
) -> None:
    made = Program(24, 1, (RXLayer(Angle.parameter(0)),))
    backend = Gpu(1 << 40, precision, device)
    assert prepared(backend, made, None, {Want.STATES}).memory_bytes < 1.1 * amplitude * 2**24
    observable = random_sum(np.random.default_rng(0), 24)
    plan = prepared(backend, made, observable, {Want.EXPECTATIONS})
    assert plan.memory_bytes < 2.2 * amplitude * 2**24


def test_what_the_device_cannot_hold_is_refused_with_both_numbers(device: EmulatedDevice) -> None:
    made = Program(10, 1, (RXLayer(Angle.parameter(0)),))
    wanted = Asking(Gpu(device=device), made).memory_bytes
    assert Asking(Gpu(device=device, memory_limit=wanted), made).memory_bytes == wanted
    with pytest.raises(
        MemoryLimitError, match=f"{wanted:,} bytes of device memory.*{wanted - 1:,}"
    ) as caught:
        prepared(Gpu(device=device, memory_limit=wanted - 1), made, None, {Want.STATES})
    assert (caught.value.wanted, caught.value.had) == (wanted, wanted - 1)


def test_batches_are_as_large_as_half_of_the_free_memory() -> None:
    plan = MemoryPlan(fixed=0, state=1000)
    assert plan.batch(500, 10_000) == 5
    assert plan.batch(3, 10_000) == 3
    assert plan.batch(500, 10) == 1
    assert MemoryPlan(fixed=0, state=1).batch(1 << 20, 1 << 40) == MAX_BATCH


def test_a_batch_in_parts_is_the_batch_at_once(
    device: EmulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    made, observable = program(rng, 5), random_sum(rng, 5)
    thetas = rng.uniform(-3, 3, (7, N_PARAMETERS))
    compiled = Asking(Gpu(device=device), made, observable)
    energies, states = compiled.energies(thetas), compiled.state(thetas)
    compiled = Asking(Gpu(1 << 40, device=device), made, observable)
    plan = MemoryPlan.of(made, observable, 16)
    monkeypatch.setattr(device, "free_bytes", lambda: 5 * plan.state)
    device.launched.clear()
    assert compiled.energies(thetas).tolist() == energies.tolist()
    assert device.launched.count("observe<double>") == 4
    np.testing.assert_array_equal(compiled.state(thetas), states)
