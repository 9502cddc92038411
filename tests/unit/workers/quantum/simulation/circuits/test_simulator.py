import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import qasm2
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import SparsePauliOp, Statevector

from shared.circuits.instruction import Affine, Barrier, Gate, If, Measure, Reset
from shared.circuits.reader import read
from shared.circuits.record import CircuitRecord
from workers.quantum.simulation.circuits import simulator
from workers.quantum.simulation.circuits.branching import BranchLimitError
from workers.quantum.simulation.circuits.outcomes import OutcomeLimitError
from workers.quantum.simulation.circuits.readout import readout
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.statevector.fusion import FreeParameterError
from workers.runtime.outcome import ResourceExhaustedError


def record(n_qubits, instructions, registers=()):
    return CircuitRecord(n_qubits, (), tuple(registers), tuple(instructions))


def hadamards(n):
    return [Gate("h", (q,)) for q in range(n)]


@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 13), depth=st.integers(1, 8), seed=st.integers(0, 2**31))
def test_states_agree_with_qiskit(n, depth, seed):
    written = random_circuit(n, depth, max_operands=min(n, 3), seed=seed)
    want = np.asarray(Statevector(written.reverse_bits()))
    assert abs(np.vdot(want, simulator.state_vector(read(qasm2.dumps(written))))) == pytest.approx(
        1.0, abs=1e-12
    )


def test_circuits_without_measurement_are_read_out_over_all_qubits():
    ends = readout(record(2, [Gate("x", (1,))], [("c", 5)]))
    assert (ends.measured, ends.width) == ("all qubits", 2)
    assert simulator.probabilities(record(2, [Gate("x", (1,))], [("c", 5)])) == {"01": 1.0}


def test_character_i_is_classical_bit_i_over_registers_in_order():
    made = record(2, [Gate("x", (0,)), Measure(0, 3), Measure(1, 0)], [("a", 2), ("b", 2)])
    assert simulator.probabilities(made) == {"0001": 1.0}


def test_terminal_measurements_are_read_off_and_others_followed():
    instructions = [
        Gate("h", (0,)), Measure(0, 0), Gate("h", (1,)), Measure(1, 1), Barrier((0, 1)),
        If((0,), 1, (Gate("x", (2,)),)),
    ]  # fmt: skip
    ends = readout(record(3, instructions, [("c", 2)]))
    assert ends.qubits == (1,)
    assert Measure(0, 0) in ends.instructions


def test_measurements_nobody_reads_leave_the_final_state_as_it_is():
    made = record(2, [Gate("h", (0,)), Measure(0, 0), Measure(1, 0)], [("c", 1)])
    assert readout(made).instructions == (Gate("h", (0,)),)
    assert simulator.followed(made).expectations({"X": PauliSum.from_terms([("XI", 1.0)])})[
        "X"
    ] == pytest.approx(1.0)
    read_between = [Gate("h", (0,)), Measure(0, 0), If((0,), 1, (Gate("x", (1,)),)), Measure(1, 0)]
    assert len(readout(record(2, read_between, [("c", 1)])).instructions) == 3


def test_a_bit_written_twice_keeps_the_last_value():
    made = record(2, [Gate("x", (0,)), Measure(0, 0), Measure(1, 0)], [("c", 1)])
    assert simulator.probabilities(made) == {"0": 1.0}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_feedback_agrees_with_deferred_measurement(seed):
    """A measured control followed by conditional gates is the coherent control, measured at the end."""
    rng = np.random.default_rng(seed)
    angles = rng.uniform(-3, 3, 6)
    start = [
        Gate("ry", (0,), (angles[0],)),
        Gate("rx", (1,), (angles[1],)),
        Gate("cx", (0, 1)),
        Gate("rz", (1,), (angles[2],)),
    ]
    end = [Gate("rx", (1,), (angles[4],)), Measure(1, 1)]
    turn = Gate("ry", (1,), (angles[3],))
    followed = record(
        2, [*start, Measure(0, 0), If((0,), 1, (turn,)), Gate("rx", (0,), (angles[5],)), *end], [("c", 2)]
    )
    deferred = record(2, [*start, Gate("cry", (0, 1), (angles[3],)), *end, Measure(0, 0)], [("c", 2)])
    assert simulator.probabilities(followed) == pytest.approx(simulator.probabilities(deferred), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_reset_traces_the_qubit_out(seed):
    rng = np.random.default_rng(seed)
    state = [Gate("u", (q,), tuple(rng.uniform(-3, 3, 3))) for q in range(3)] + [
        Gate("cx", (0, 1)),
        Gate("cx", (1, 2)),
    ]
    after = [Gate("ry", (1,), (0.4,)), Gate("cx", (1, 0)), Gate("h", (2,))]
    made = record(3, [*state, Reset(1), *after])
    fresh = [Gate(g.name, tuple(3 if q == 1 else q for q in g.qubits), g.params) for g in after]
    wide = simulator.probabilities(record(4, [*state, *fresh]))
    want: dict[str, float] = {}
    for outcome, chance in wide.items():
        key = outcome[0] + outcome[3] + outcome[2]
        want[key] = want.get(key, 0.0) + chance
    assert simulator.probabilities(made) == pytest.approx(want, abs=1e-12)


def test_equal_histories_are_joined():
    """Forty resets and overwritten bits would be 2^40 histories if they were not joined."""
    rounds = [item for _ in range(40) for item in (Gate("h", (0,)), Measure(0, 0), Reset(0))]
    assert simulator.probabilities(record(1, rounds, [("c", 1)])) == pytest.approx(
        {"0": 0.5, "1": 0.5}, abs=1e-12
    )


def test_too_many_histories_are_refused_but_can_be_sampled():
    rounds = [item for i in range(14) for item in (Gate("h", (0,)), Measure(0, i), Reset(0))]
    made = record(1, rounds, [("c", 14)])
    with pytest.raises(BranchLimitError, match="4096"):
        simulator.probabilities(made)
    assert sum(simulator.counts(made, 1000, seed=3).values()) == 1000


def test_too_many_outcomes_and_qubits_and_free_parameters_are_refused():
    with pytest.raises(OutcomeLimitError):
        simulator.probabilities(record(21, hadamards(21)))
    with pytest.raises(CircuitError, match="31 qubits"):
        simulator.probabilities(record(31, []))
    with pytest.raises(CircuitError, match="theta"):
        simulator.probabilities(CircuitRecord(1, ("theta",), (), ()))
    with pytest.raises(FreeParameterError, match="theta"):
        simulator.probabilities(record(1, [Gate("rx", (0,), (Affine((("theta", 1.0),)),))]))
    with pytest.raises(CircuitError, match="no single final state"):
        simulator.state_vector(record(1, [Reset(0)]))


def test_memory_is_checked_before_it_is_taken(monkeypatch):
    monkeypatch.setattr("workers.runtime.memory.available", lambda: 1000)
    with pytest.raises(ResourceExhaustedError):
        simulator.probabilities(record(5, []))


def test_counts_repeat_with_the_seed_and_follow_the_distribution():
    start = [Gate("ry", (0,), (1.0,)), Gate("h", (1,)), Measure(0, 0)]
    made = record(3, [*start, If((0,), 0, (Gate("h", (2,)),)), Measure(2, 1)], [("c", 2)])
    exact = simulator.probabilities(made)
    drawn = simulator.counts(made, 100_000, seed=11)
    assert drawn == simulator.counts(made, 100_000, seed=11)
    assert drawn != simulator.counts(made, 100_000, seed=12)
    assert set(drawn) == set(exact)
    for outcome, chance in exact.items():
        assert abs(drawn[outcome] - 100_000 * chance) < 5 * np.sqrt(100_000 * chance * (1 - chance))


def test_impossible_outcomes_never_come():
    made = record(3, [Gate("h", (0,)), Gate("cx", (0, 1)), Gate("cx", (1, 2))])
    assert set(simulator.counts(made, 10_000_000, seed=1)) == {"000", "111"}


def test_ten_million_shots_over_a_million_outcomes():
    drawn = simulator.counts(record(20, hadamards(20)), 10_000_000, seed=5)
    assert sum(drawn.values()) == 10_000_000


def test_expectations_agree_with_qiskit():
    written = random_circuit(4, 5, max_operands=2, seed=8)
    terms = [("XXIZ", 0.5), ("IYZI", -1.5), ("IIII", 0.25), ("ZZZZ", 1.0)]
    operator = SparsePauliOp([letters for letters, _ in terms], [c for _, c in terms])
    want = Statevector(written.reverse_bits()).expectation_value(operator).real
    found = simulator.followed(read(qasm2.dumps(written))).expectations({"H": PauliSum.from_terms(terms)})
    assert found["H"] == pytest.approx(want, abs=1e-12)


def test_expectations_average_over_histories_and_leave_final_measurements_out():
    bell = [Gate("h", (0,)), Gate("cx", (0, 1))]
    observables = {name: PauliSum.from_terms([(name, 1.0)]) for name in ("XX", "ZZ", "IZ")}
    ends = ([Measure(0, 0), Measure(1, 1)], [Measure(0, 0), Gate("x", (0,))])
    pure, mixed = (
        simulator.followed(record(2, [*bell, *end], [("c", 2)])).expectations(observables) for end in ends
    )
    assert pure == pytest.approx({"XX": 1.0, "ZZ": 1.0, "IZ": 0.0}, abs=1e-12)
    assert mixed == pytest.approx({"XX": 0.0, "ZZ": -1.0, "IZ": 0.0}, abs=1e-12)
    with pytest.raises(CircuitError, match="acts on 1 qubits, the circuit has 3"):
        simulator.followed(record(3, [])).expectations(
            {"A": PauliSum.from_terms([("XYZ", 1.0)]), "B": PauliSum.from_terms([("X", 1.0)])}
        )


def test_checkpoint_can_stop_the_work():
    class StopError(Exception):
        pass

    def stop():
        raise StopError

    with pytest.raises(StopError):
        simulator.probabilities(record(2, hadamards(2)), stop)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_wide_circuits_give_the_same_state_compiled(seed):
    made = read(qasm2.dumps(random_circuit(6, 12, max_operands=3, seed=seed)))
    made = record(6, [*made.instructions, Gate("gphase", (), (0.7,))])
    with pytest.MonkeyPatch.context() as patch:
        followed = simulator.state_vector(made)
        patch.setattr(simulator, "WIDE_QUBITS", 1)
        assert simulator.state_vector(made) == pytest.approx(followed, abs=1e-12)
