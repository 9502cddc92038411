from typing import Any

import numpy as np
import pytest

from tests.conformance.test_backends import random_sum
from tests.unit.workers.quantum.simulation.cuda.emulated import EmulatedDevice
from tests.unit.workers.quantum.simulation.cuda.programs import N_PARAMETERS, program
from tests.unit.workers.quantum.simulation.cuda.test_schedule import qaoa
from workers.quantum.backends.base import MemoryLimitError
from workers.quantum.backends.gpu import Gpu
from workers.quantum.simulation.cuda.memory import MAX_BATCH, MemoryPlan
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.ir.program import Angle, Program, RXLayer


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
    planned = backend.memory_bytes(made, observable)
    compiled = backend.compile(made, observable)
    compiled.energy_and_gradient(np.full(made.n_parameters, 0.3))
    assert counting.asked <= planned


@pytest.mark.parametrize(("precision", "amplitude"), [("double", 16), ("single", 8)])
def test_large_states_take_what_is_promised(
    device: EmulatedDevice, precision: Precision, amplitude: int
) -> None:
    made = Program(24, 1, (RXLayer(Angle.parameter(0)),))
    backend = Gpu(precision=precision, device=device)
    assert backend.memory_bytes(made) < 1.1 * amplitude * 2**24
    observable = random_sum(np.random.default_rng(0), 24)
    assert backend.memory_bytes(made, observable) < 2.2 * amplitude * 2**24


def test_what_the_device_cannot_hold_is_refused_with_both_numbers(device: EmulatedDevice) -> None:
    made = Program(10, 1, (RXLayer(Angle.parameter(0)),))
    wanted = Gpu(device=device).memory_bytes(made)
    Gpu(device=device, memory_limit=wanted).compile(made)
    with pytest.raises(
        MemoryLimitError, match=f"{wanted:,} bytes of device memory.*{wanted - 1:,}"
    ) as caught:
        Gpu(device=device, memory_limit=wanted - 1).compile(made)
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
    compiled = Gpu(device=device).compile(made, observable)
    energies, states = compiled.energies(thetas), compiled.states(thetas)
    compiled = Gpu(device=device).compile(made, observable)
    plan = MemoryPlan.of(made, observable, 16)
    monkeypatch.setattr(device, "free_bytes", lambda: 5 * plan.state)
    device.launched.clear()
    assert compiled.energies(thetas).tolist() == energies.tolist()
    assert device.launched.count("observe<double>") == 4
    np.testing.assert_array_equal(compiled.states(thetas), states)
