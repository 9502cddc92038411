import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.simulation.cpu import aligned
from workers.quantum.simulation.ir.program import Angle, Program, RXLayer
from workers.quantum.simulation.statevector.full_space import FullSpace

PRECISIONS = st.sampled_from([np.float32, np.float64])


@given(rows=st.integers(0, 3), columns=st.integers(1, 100), dtype=PRECISIONS)
def test_rooms_begin_on_a_cache_line_and_copies_keep_values(rows, columns, dtype):
    room = aligned.empty((rows, columns), dtype)
    assert room.shape == (rows, columns) and room.dtype == dtype and room.flags.c_contiguous
    assert room.size == 0 or room.ctypes.data % 64 == 0
    values = np.arange(columns) / 7
    kept = aligned.copy(values, dtype)
    assert kept.ctypes.data % 64 == 0
    np.testing.assert_array_equal(kept, values.astype(dtype))


def test_a_run_has_its_amplitudes_so():
    space = FullSpace(Program(5, 1, (RXLayer(Angle.parameter(0)),)), None)
    desk = space._desks[0]
    for room in (desk.state(2), desk.state(4), desk.buffers, desk.table, space._tape.tables):
        assert room.ctypes.data % 64 == 0
