import itertools

from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.simulation.cpu.order import in_order
from workers.quantum.simulation.cpu.schedule import Item
from workers.quantum.simulation.cpu.split import ROTATION
from workers.quantum.simulation.lowering import flat

BITS = range(5)
BIT = st.sampled_from(BITS)


def rotation(axis, bit):
    masks = (0, 1 << bit) if axis == flat.AXIS_Z else (1 << bit, 0)
    return (ROTATION, bit, axis, 0, 0), masks


def controlled_x(bits):
    target, control = bits
    return (flat.CONTROLLED_X, 1 << target, 1 << control, 0, -1), (1 << target, 1 << control)


OPS = st.lists(
    st.one_of(
        st.builds(rotation, st.sampled_from([flat.AXIS_X, flat.AXIS_Y, flat.AXIS_Z]), BIT),
        st.builds(controlled_x, st.permutations(BITS).map(lambda bits: bits[:2])),
    ),
    max_size=12,
)


def steps(found):
    ops = [op for op, _ in found]
    items = [Item(k, *masks) for k, (_, masks) in enumerate(found)]
    return ops, [[item.op for item in step] for step in in_order(items, ops)]


@given(OPS)
def test_all_items_are_there_and_none_passes_one_that_it_does_not_commute_with(found):
    _, made = steps(found)
    order = [op for step in made for op in step]
    assert sorted(order) == list(range(len(found)))
    for one, other in itertools.combinations(range(len(found)), 2):
        (moved, read), (moved_later, read_later) = found[one][1], found[other][1]
        if moved & (moved_later | read_later) or read & moved_later:
            assert order.index(one) < order.index(other)


@given(OPS)
def test_only_rotations_about_z_share_a_step(found):
    ops, made = steps(found)
    for step in made:
        assert len(step) == 1 or all(ops[op][:1] + ops[op][2:3] == (ROTATION, flat.AXIS_Z) for op in step)


def test_a_ladder_of_controlled_x_leaves_one_layer():
    turns = [rotation(axis, bit) for bit in BITS for axis in (flat.AXIS_Y, flat.AXIS_Z)]
    ladder = [controlled_x((bit + 1, bit)) for bit in BITS[:-1]]
    woven = [turns[0], turns[1], turns[2], turns[3], ladder[0], *turns[4:], *ladder[1:]]
    _, made = steps(woven)
    assert sorted(map(len, made)) == [1] * 9 + [5]
