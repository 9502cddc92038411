"""Which jobs can have which mitigation, and what it costs."""

from functools import partial

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler.planning import placement, planner
from shared.circuits.reader import read

place = partial(placement.place, named={})
BODY = "qubit[2] q; x q[0]; cx q[0], q[1];"
SECTOR = {"qubits": [0, 1], "ones": 2}


def job(body=BODY, **changes):
    text = f'OPENQASM 3.0; include "stdgates.inc"; {body}'
    return parse_spec({
        "kind": "pure_quantum", "circuit": {"record": read(text).to_json()}, "observables": ["ZZ"],
        "noise": "depolarizing", "mitigation": ["readout", "zne"], **changes,
    }, stored=True)  # fmt: skip


def test_a_mitigated_circuit_is_one_task_that_says_what_it_runs():
    spec = job(shots=1000)
    work = planner.work(spec, place(spec, {"cpu-sim"}))
    assert [task.operation for task in work.tasks] == ["mitigated_circuit"]
    assert "readout, zne: about 4 circuits, 1,000 shots in all" in work.why


@pytest.mark.parametrize(
    ("changes", "circuits"),
    [
        ({"mitigation": ["readout"]}, 3),
        ({"mitigation": [{"name": "readout", "method": "correlated"}]}, 5),
        ({"mitigation": [{"name": "zne", "scales": [1, 3, 5]}, "twirling"]}, 48),
        ({"mitigation": ["clifford_regression"], "observables": ["ZZ", "XX", "ZI"]}, 18),
        ({"mitigation": "auto"}, 4),
    ],
)
def test_circuits_are_counted(changes, circuits):
    spec = job(**changes)
    assert f"about {circuits} circuits" in planner.work(spec, place(spec, {"cpu-sim"})).why


@pytest.mark.parametrize(
    ("changes", "field", "rule", "hint"),
    [
        ({"noise": None}, "mitigation", "nothing to mitigate", "give noise"),
        ({"observables": []}, "observables", "is required with mitigation", "give observables"),
        ({"analyze": ["purity"]}, "analyze", "not available with mitigation", "leave it out"),
        (
            {"body": "qubit[2] q; bit c; c = measure q[0]; if (c) { x q[1]; }"},
            "mitigation", "measured only at its end", "move them",
        ),
        (
            {"mitigation": ["readout", "symmetry_verification"]},
            "mitigation[1]", "needs a symmetry", "this job can have auto, readout, zne, twirling, clifford",
        ),
        (
            {"mitigation": ["reference_state"]},
            "mitigation[0]", "this job has none", "this job can have auto, readout",
        ),
        (
            {"mitigation": [{"name": "symmetry_verification", "sectors": [SECTOR]}], "observables": ["XZ"]},
            "mitigation[0].sectors[0]", "is no symmetry of observables[0], XZ", "leave the sector out",
        ),
        (
            {"mitigation": [{"name": "symmetry_verification", "sectors": [{**SECTOR, "ones": 3}]}]},
            "mitigation[0].sectors[0].ones", "at most 2", None,
        ),
        (
            {"mitigation": [{"name": "symmetry_verification", "sectors": [{"qubits": [2], "ones": 1}]}]},
            "mitigation[0].sectors[0].qubits", "qubits 0 to 1", None,
        ),
        (
            {"body": "qubit[9] q; h q;", "observables": ["Z" * 9],
             "mitigation": [{"name": "readout", "method": "correlated"}]},
            "mitigation[0]", "up to 8 qubits", "this job can have",
        ),
    ],
)  # fmt: skip
def test_what_a_job_cannot_have_is_refused_with_what_it_can_have(changes, field, rule, hint):
    with pytest.raises(BadInput) as caught:
        place(job(**changes), {"cpu-sim"})
    error = caught.value
    assert (error.field, rule in error.rule, (hint or "") in (error.hint or "")) == (field, True, True), error


def test_a_sum_may_be_symmetric_where_its_terms_are_not():
    sectors = {"name": "symmetry_verification", "sectors": [{"qubits": [0, 1], "ones": 1}]}
    hopping = [{"name": "hopping", "terms": [["XX", 1.0], ["YY", 1.0]]}]
    assert place(job(mitigation=[sectors], observables=hopping), {"cpu-sim"}).backend == "density_matrix"
    with pytest.raises(BadInput, match="is no symmetry"):
        place(job(mitigation=[sectors], observables=["XX"]), {"cpu-sim"})


def test_too_few_shots_are_refused():
    spec = job(shots=50)
    with pytest.raises(BadInput, match="at least 64 with this mitigation"):
        planner.work(spec, place(spec, {"cpu-sim"}))
    spec = job(shots=200, mitigation="auto")
    with pytest.raises(BadInput, match="at least 256 with this mitigation"):
        planner.work(spec, place(spec, {"cpu-sim"}))


def test_jobs_without_observables_have_no_mitigation():
    kernel = {"kind": "pure_classical", "function": "noop", "mitigation": ["zne"]}
    with pytest.raises(BadInput, match="have no expectation value"):
        place(parse_spec(kernel), {"cpu-sim"})


def loop(**changes):
    return parse_spec({
        "kind": "hybrid_vqe", "ansatz": "uccsd", "backend": "fake:manila", "mitigation": ["readout", "zne"],
        "hamiltonian": {"terms": [["ZZII", 1.0], ["XZXI", 0.5], ["YZYI", 0.5]], "n_electrons": 2}, **changes,
    })  # fmt: skip


def test_a_loop_says_how_its_final_value_is_mitigated():
    spec = loop(shots=1000, optimizer="spsa")
    why = planner.work(spec, place(spec, {"cpu-sim"})).why
    assert "mitigated by readout, zne: about 8 circuits, 3,000 shots in all" in why


def test_references_and_symmetries_need_an_ansatz_that_has_them():
    for method in ("reference_state", "symmetry_verification"):
        assert place(loop(mitigation=[method]), {"cpu-sim"}).backend == "fake"
        with pytest.raises(BadInput, match="mitigation") as caught:
            place(loop(mitigation=[method], ansatz="hardware_efficient"), {"cpu-sim"})
        assert "this job can have auto, readout, zne, twirling" in (caught.value.hint or "")


def test_loops_beyond_exact_devices_need_shots():
    chain = {"model": "tfim", "n_qubits": 12}
    with pytest.raises(BadInput, match="the final circuit is sampled"):
        place(loop(hamiltonian=chain, ansatz="hardware_efficient", backend="fake:guadalupe"), {"cpu-sim"})
