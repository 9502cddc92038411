"""Random circuits, noise models and observables on every backend, against dense density matrices."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.specs import parse_spec
from shared.circuits.validation import record_from_json
from testing.contexts import context
from testing.outcomes import value
from tests.unit.workers.quantum.simulation.noise.dense import Dense
from tests.unit.workers.quantum.simulation.noise.noisy import distance, frequencies
from workers.operations.quantum.circuit import circuit

QUBITS, BITS, SHOTS = 5, 3, 4000
CLIFFORD = ("x", "y", "z", "h", "s", "sdg", "sx", "id")
ONE = (*CLIFFORD, "t", "rx", "ry", "rz")
EXACT = pytest.approx
rates = st.floats(0.0, 0.4)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def gates(draw, clifford, qubits):
    """A gate on some of the qubits."""
    names = CLIFFORD if clifford else ONE
    name = draw(st.sampled_from([*names, "cx", "cz", "swap", *(() if clifford else ("rzz", "ccx"))]))
    width = 3 if name == "ccx" else 2 if name in ("cx", "cz", "swap", "rzz") else 1
    places = draw(st.permutations(qubits))[:width]
    params = [draw(st.floats(-3.0, 3.0))] if name in ("rx", "ry", "rz", "rzz") else []
    return {"gate": name, "qubits": list(places), "params": params}


@st.composite
def circuits(draw, clifford=False, inside=True):
    """A circuit record's JSON; three of five qubits are acted on, all may be measured."""
    qubits = draw(st.permutations(range(QUBITS)))[:3]
    anyone = st.integers(0, QUBITS - 1)
    items = [gates(clifford, qubits)] * 4
    if inside:
        bits = st.integers(0, BITS - 1)
        items += [
            st.builds(lambda qubit, bit: {"measure": qubit, "bit": bit}, anyone, bits),
            st.builds(lambda qubit: {"reset": qubit}, anyone),
            st.builds(
                lambda bit, value, then, rest: {
                    "if": {"bits": [bit], "value": value}, "then": [then], "else": rest,
                },
                bits, st.integers(0, 1), gates(clifford, qubits),
                st.lists(gates(clifford, qubits), max_size=1),
            ),
        ]  # fmt: skip
    body = draw(st.lists(st.one_of(items), min_size=1, max_size=10))
    ends = draw(st.permutations(range(QUBITS)))[:BITS]
    last = [{"measure": qubit, "bit": bit} for bit, qubit in enumerate(ends)]
    return {
        "n_qubits": QUBITS, "parameters": [], "registers": [["c", BITS]], "instructions": [*body, *last],
    }  # fmt: skip


def damped(gamma):
    """Kraus operators of amplitude damping, entries as job files write them."""
    return [[[1, 0], [0, (1 - gamma) ** 0.5]], [[0, [gamma**0.5, 0.0]], [0, 0]]]


PAULIS = (
    st.builds(lambda p, each: {"name": "depolarizing", "p": p, "each": each}, rates, st.booleans()),
    st.builds(lambda p: {"name": "bit_flip", "p": p}, rates),
    st.builds(lambda p: {"name": "phase_flip", "p": p}, rates),
    st.builds(lambda lam: {"name": "phase_damping", "lam": lam}, rates),
    st.builds(lambda p, q: {"name": "pauli", "probabilities": {"X": p, "Y": q}}, rates, rates),
    st.builds(lambda p, q: {"name": "pauli", "probabilities": {"XZ": p, "YI": q}}, rates, rates),
    st.builds(
        lambda p, i, step, pauli: {
            "name": "crosstalk", "pairs": [[i, (i + step) % QUBITS, p]], "pauli": pauli,
        },
        rates, st.integers(0, 4), st.integers(1, 4), st.sampled_from(["ZZ", "XY"]),
    ),
)  # fmt: skip
OTHERS = (
    st.builds(
        lambda g, p: {"name": "amplitude_damping", "gamma": g, "excited_population": p}, rates, rates
    ),
    st.builds(
        lambda t2, t: {"name": "thermal_relaxation", "t1_s": 1.0, "t2_s": t2, "duration_s": t},
        st.floats(0.2, 3.0), st.floats(0.0, 1.0),
    ),
    st.builds(lambda gamma: {"name": "kraus", "operators": damped(gamma)}, rates),
)  # fmt: skip


@st.composite
def models(draw, pauli=False):
    """A noise model as job files write it."""
    errors = []
    for error in draw(st.lists(st.one_of(PAULIS if pauli else (*PAULIS, *OTHERS)), min_size=1, max_size=3)):
        extra = draw(
            st.sampled_from(
                [{}, {"gates": ["cx", "h", "reset"]}, {"qubits": [0, 1, 3]}, {"gate_qubits": [[0, 1], 2]}]
            )
        )
        errors.append({**error, **extra})
    up, down = draw(rates), draw(rates)
    readout = [{"matrix": [[1 - up, up], [down, 1 - down]]}, {"matrix": [[1, 0], [0.1, 0.9]], "qubits": [2]}]
    return {"errors": errors, "readout": draw(st.sampled_from([[], readout]))}


def answer(record, noise, backend, strings, shots=None, seed=0):
    """What the operation gives for a job, as a worker calls it."""
    spec = {"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3.0;"}, "noise": noise, "shots": shots}
    whole = parse_spec({**spec, "observables": strings}).model_dump(mode="json")
    record_from_json(record)
    whole |= {"circuit": {"record": json.loads(json.dumps(record))}, "backend": backend}
    warnings: list[str] = []
    return value(circuit(context(whole | {"seed": seed}, warn=warnings.append)))


def reference(record, noise):
    return Dense(QUBITS, BITS, noise).run(record["instructions"])


def unmeasured(record):
    """The circuit without the measurements that end it, as expectation values see it."""
    busy: set[int] = set()
    used: set[int] = set()
    kept = []
    for item in reversed(record["instructions"]):
        if "measure" in item and item["measure"] not in busy and item["bit"] not in used:
            busy.add(item["measure"])
            used.add(item["bit"])
            continue
        for inner in (item, *item.get("then", ()), *item.get("else", ())):
            busy |= set(inner.get("qubits", ())) | {inner.get("measure"), inner.get("reset")}
            used |= {inner.get("bit"), *inner.get("if", {}).get("bits", ())}
        kept.append(item)
    return {**record, "instructions": kept[::-1]}


def letters(seed):
    """Three Pauli strings, all different, on idle qubits too."""
    rng = np.random.default_rng(seed)
    return sorted({"".join(rng.choice(list("IIXYZ"), QUBITS)) for _ in range(3)})


def compare(found, record, noise, strings, exactly):
    """An answer against the dense one; sampled values within what chance allows."""
    want = reference(record, noise).probabilities()
    if "probabilities" in found:
        # Outcomes of a chance about 1e-14, the least that is listed, may be in one of the two alone.
        assert distance(found["probabilities"], want) < 1e-10
    else:
        assert sum(found["counts"].values()) == SHOTS
        assert distance(frequencies(found["counts"]), want) < 0.06
    state = reference(unmeasured(record), noise)
    for one in strings:
        value = state.expectation(one)
        if exactly:
            assert found["expectations"][one] == EXACT(value, abs=1e-10)
        else:
            assert abs(found["expectations"][one] - value) < 6 * found["standard_errors"][one] + 0.02


@settings(max_examples=80, deadline=None)
@given(record=circuits(), noise=st.none() | models(), seed=seeds)
def test_density_matrices_are_exact(record, noise, seed):
    strings = letters(seed)
    compare(answer(record, noise, "density_matrix", strings), record, noise, strings, True)


@settings(max_examples=15, deadline=None)
@given(record=circuits(), noise=models(), seed=seeds)
def test_density_matrices_sample_what_they_compute(record, noise, seed):
    strings = letters(seed)
    found = answer(record, noise, "density_matrix", strings, SHOTS, seed)
    compare(found, record, noise, strings, True)


@settings(max_examples=40, deadline=None)
@given(record=circuits(), seed=seeds, shots=st.sampled_from([None, SHOTS]))
def test_state_vectors_are_exact(record, seed, shots):
    strings = letters(seed)
    compare(answer(record, None, "statevector", strings, shots, seed), record, None, strings, True)


@settings(max_examples=25, deadline=None)
@given(record=circuits(), noise=st.none() | models(), seed=seeds)
def test_trajectories_sample_the_same(record, noise, seed):
    strings = letters(seed)
    found = answer(record, noise, "trajectories", strings, SHOTS, seed)
    compare(found, record, noise, strings, False)


@settings(max_examples=30, deadline=None)
@given(record=circuits(clifford=True, inside=False), noise=models(pauli=True), seed=seeds)
def test_tableaus_sample_pauli_noise_and_carry_observables_back_exactly(record, noise, seed):
    strings = letters(seed)
    found = answer(record, noise, "stabilizer", strings, SHOTS, seed)
    compare(found, record, noise, strings, True)
    exact = answer(record, noise, "stabilizer", strings)
    assert "probabilities" not in exact and exact["expectations"] == found["expectations"]


@settings(max_examples=30, deadline=None)
@given(record=circuits(clifford=True), seed=seeds, shots=st.sampled_from([None, SHOTS]))
def test_tableaus_are_exact_without_noise(record, seed, shots):
    strings = letters(seed)
    compare(answer(record, None, "stabilizer", strings, shots, seed), record, None, strings, True)
