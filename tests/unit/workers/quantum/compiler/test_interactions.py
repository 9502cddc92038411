"""The form of interactions: it recognizes equal circuits, and never takes different ones as equal."""

from dataclasses import replace
from functools import reduce

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.circuits.instruction import Gate
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from workers.quantum.compiler import Options, compile
from workers.quantum.compiler.compiled import Candidate
from workers.quantum.compiler.interactions import NotReducedError, distance
from workers.quantum.compiler.verify import verify
from workers.quantum.simulation.statevector.fusion import matrix

N = 4
NAMES = {"h": 0, "t": 0, "rx": 1, "rz": 1, "cx": 0, "cz": 0, "swap": 0, "iswap": 0, "rzz": 1, "ecr": 0}
TWO = ("cx", "cz", "swap", "iswap", "rzz", "ecr")
SAME = {place: place for place in range(N)}
DISTANCE = 1e-4


@st.composite
def gates(draw):
    name = draw(st.sampled_from(sorted(NAMES)))
    qubits = draw(st.permutations(range(N)))[: 2 if name in TWO else 1]
    angles = draw(st.lists(st.floats(-3, 3), min_size=NAMES[name], max_size=NAMES[name]))
    return Gate(name, tuple(qubits), tuple(angles))


CIRCUITS = st.lists(gates(), max_size=16)


def unitary(circuit):
    def wide(item):
        k = len(item.qubits)
        order = [*item.qubits, *(q for q in range(N) if q not in item.qubits)]
        axes = [order.index(q) for q in range(N)]
        tensor = np.kron(matrix(item), np.eye(2 ** (N - k))).reshape([2] * (2 * N))
        return tensor.transpose([*axes, *(N + a for a in axes)]).reshape(2**N, 2**N)

    return reduce(lambda done, item: wide(item) @ done, circuit, np.eye(2**N))


def far(one, other):
    overlap = np.vdot(other, one)
    return np.linalg.norm(one - other * overlap / max(abs(overlap), 1e-300), 2)


@given(CIRCUITS, st.data())
@settings(max_examples=60, deadline=None, derandomize=True)  # not all equal circuits have equal forms
def test_a_rewritten_circuit_is_recognized(circuit, data):
    """Gates on other qubits are exchanged, and SWAPs are inserted, with what follows renamed."""
    place, made = dict(SAME), []
    for item in circuit:
        if data.draw(st.booleans()):
            a, b = data.draw(st.permutations(range(N)))[:2]
            made += [Gate("cx", pair) for pair in ((a, b), (b, a), (a, b))]
            place = {q: {a: b, b: a}.get(at, at) for q, at in place.items()}
        made.append(replace(item, qubits=tuple(place[q] for q in item.qubits)))
        if len(made) > 1 and not set(made[-1].qubits) & set(made[-2].qubits):
            made[-2:] = made[:-3:-1]
    assert distance(circuit, made, place, DISTANCE) < 1e-9


@given(CIRCUITS, CIRCUITS, st.data())
@settings(max_examples=60, deadline=None)
def test_the_distance_is_an_upper_bound(circuit, end, data):
    """One gate is left out, turned a little, or exchanged with the next one."""
    changed = list(circuit)
    if changed:
        at = data.draw(st.integers(0, len(changed) - 1))
        how = data.draw(st.sampled_from(["remove", "turn", "exchange"]))
        if how == "remove":
            del changed[at]
        elif how == "turn":
            changed.insert(at, Gate("rz", changed[at].qubits[:1], (data.draw(st.floats(1e-9, 1e-4)),)))
        else:
            changed[at : at + 2] = changed[at : at + 2][::-1]
    circuit, changed = [*circuit, *end], [*changed, *end]
    try:
        bound = distance(circuit, changed, SAME, DISTANCE)
    except NotReducedError:
        return
    assert far(unitary(circuit), unitary(changed)) <= bound + 1e-9


def test_wires_that_the_source_leaves_alone_count():
    pair, flip = Gate("cx", (0, 1)), Gate("x", (2,))
    with_all, without = {0: 0, 1: 1, 2: 2}, {0: 0, 1: 1}
    for end in (with_all, without):
        assert distance([pair], [pair], end, DISTANCE) < 1e-9
        assert distance([pair], [pair, flip], end, DISTANCE) > 1
    turn = Gate("rz", (2,), (0.3,))
    assert distance([pair], [pair, turn], with_all, DISTANCE) > 0.1
    assert distance([pair], [pair, turn], without, DISTANCE) < 1e-9


def test_wide_circuits_that_are_not_clifford_are_verified():
    rng = np.random.default_rng(3)
    items = []
    for layer in range(3):
        items += [Gate("u", (q,), tuple(rng.uniform(0, 6, 3))) for q in range(26)]
        order = rng.permutation(26).tolist()
        kind = ("rzz", "cx", "iswap")[layer]
        pairs = zip(order[::2], order[1::2], strict=True)
        items += [Gate(kind, pair, (0.4,) * (kind == "rzz")) for pair in pairs]
    source = CircuitRecord(26, (), (), tuple(items))
    made = compile(source, devices.load("auckland"), Options(level=1))
    assert made.verified == "interactions"
    wrong = list(made.record.instructions)
    at = max(k for k, item in enumerate(wrong) if isinstance(item, Gate) and len(item.qubits) == 2)
    del wrong[at]
    broken = Candidate(replace(made.record, instructions=tuple(wrong)), made.layout, made.final, "broken")
    assert verify(source, broken, 0) == "structure"
