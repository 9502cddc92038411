import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workers.quantum.simulation.cuda.programs import program
from workers.quantum.simulation.cuda.rows import MIXER, WideGateError, steps
from workers.quantum.simulation.cuda.schedule import Schedule
from workers.quantum.simulation.cuda.tiling import Tiling
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.simulation.lowering.flat import flatten


def qaoa(n: int, layers: int) -> Program:
    cost = np.arange(2.0**n) % 7
    ops: list[Op] = []
    for k in range(layers):
        ops += [DiagonalPhase(cost, Angle.parameter(2 * k)), RXLayer(Angle.parameter(2 * k + 1))]
    return Program(n, 2 * layers, tuple(ops))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 8), low=st.integers(0, 8), bits=st.integers(3, 8))
def test_every_step_runs_once_on_a_tile_that_holds_it(seed: int, n: int, low: int, bits: int) -> None:
    rng = np.random.default_rng(seed)
    flat = flatten(program(rng, n))
    tiling = Tiling(n, min(n, max(bits, low)), min(n, low))
    schedule = Schedule.of(flat, tiling)
    expected, _ = steps(flat, tiling.mixers)
    assert len(schedule.rows) == len(expected)
    assert [launch.first for launch in schedule.launches[1:]] == [
        launch.end for launch in schedule.launches[:-1]
    ]
    for launch in schedule.launches:
        local = np.bitwise_or.reduce(schedule.rows[launch.first : launch.end, 4])
        assert local < 2 ** (n if launch.wide else tiling.bits)
        assert not launch.wide or launch.end == launch.first + 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 8))
def test_derivatives_are_numbered_within_their_launch(seed: int, n: int) -> None:
    flat = flatten(program(np.random.default_rng(seed), n))
    schedule = Schedule.of(flat, Tiling(n, min(n, 4), 0))
    counted = 0
    for launch in schedule.launches:
        assert launch.first_record == counted
        counted += launch.n_records
    assert counted == len(schedule.record_angle)
    assert set(schedule.record_angle.tolist()) == set(flat.angle_of.tolist()) - {0}


def test_a_state_that_fits_one_tile_runs_in_one_launch() -> None:
    flat = flatten(program(np.random.default_rng(0), 8, 40))
    assert len(Schedule.of(flat, Tiling(8, 8, 8)).launches) == 1


def test_a_qaoa_layer_passes_over_the_state_as_often_as_its_bits_need() -> None:
    schedule = Schedule.of(flatten(qaoa(14, 3)), Tiling(14, 8, 4))
    # 8 bits, then 4, then 2: each layer after the first begins in the tile in which the one before ends.
    assert len(schedule.launches) == 3 + 2 + 2
    mixed = [row for row in schedule.rows if row[0] == MIXER]
    assert len(mixed) == 3 * 6


def test_what_commutes_shares_a_tile_out_of_order() -> None:
    ops = []
    for qubit in (0, 7, 1, 6):
        ops.append(PauliRotation(1 << (7 - qubit), 0, Angle.parameter(0)))
        ops.append(PauliRotation(0, 0b10000001, Angle.parameter(1)))
    flat = flatten(Program(8, 2, tuple(ops)))
    assert len(Schedule.of(flat, Tiling(8, 2, 0)).launches) <= 4


def test_gates_on_too_many_qubits_are_refused() -> None:
    wide = Unitary(tuple(range(7)), np.kron(np.eye(64), [[0, 1], [1, 0]])[::-1].astype(complex))
    with pytest.raises(WideGateError, match="7 qubits; at most 6"):
        Schedule.of(flatten(Program(7, 0, (wide,))), Tiling(7, 7, 7))
