"""The loops as tasks: fused in one, or fanned out and run in any order, to the same bits."""

import itertools

import numpy as np
import pytest

from testing.specs import shared_objective
from tests.unit.workers.operations.executor import Executor, assert_equal_bits, run
from workers.operations.quantum import advance as advance_module
from workers.operations.quantum.advance import advance
from workers.operations.quantum.optimize import optimize
from workers.quantum.variational.replay import JournalMismatch
from workers.runtime.outcome import Expand, Stopped, UserError


def vqe(**changes):
    spec = {
        "kind": "hybrid_vqe",
        "hamiltonian": {"model": "tfim", "n_qubits": 3, "J": 1.0, "h": 0.9, "hz": 0.1, "periodic": False},
        "ansatz": {"name": "hardware_efficient", "layers": 1, "entangler": "linear"},
        "optimizer": {"name": "lbfgs", "max_iterations": 12},
        "starts": 2,
        "shots": None,
        "seed": 11,
    }
    return {**spec, **changes}


def qaoa(**changes):
    edges = [[k, (k + 1) % 6] for k in range(6)] + [[0, 3]]
    spec = {
        "kind": "hybrid_qaoa",
        "problem": {
            "maxcut": {"n_nodes": 6, "edges": edges, "weights": [1.0, 1.0, 2.0, -1.0, 1.0, 1.0, 0.5]}
        },
        "layers": 2,
        "init": "linear_ramp",
        "optimizer": {"name": "lbfgs", "max_iterations": 20},
        "starts": 1,
        "shots": 512,
        "seed": 5,
    }
    return {**spec, **changes}


def learning():
    rng = np.random.default_rng(0)
    labels = [k % 2 for k in range(400)]
    return {
        "kind": "quantum_ml",
        "data": {"features": [(rng.normal(size=2) + 2.0 * k).tolist() for k in labels], "labels": labels},
        "model": {"name": "variational_classifier", "feature_map": "angle", "layers": 1},
        "optimizer": {"name": "adam", "max_iterations": 15, "learning_rate": 0.1},
        "test_fraction": 0.25,
        "seed": 2,
        "shots": None,
    }


CASES = {
    "vqe": vqe(),
    "vqe shots, gradient": vqe(shots=50, optimizer={"name": "adam", "max_iterations": 3}),
    "vqe shots, pairs": vqe(shots=200, optimizer={"name": "spsa", "max_iterations": 5}),
    "vqe cobyla": vqe(optimizer={"name": "cobyla", "max_iterations": 10}),
    "vqe nelder_mead": vqe(optimizer={"name": "nelder_mead", "max_iterations": 10}),
    "vqe slsqp": vqe(optimizer={"name": "slsqp", "max_iterations": 6}),
    "vqe powell": vqe(optimizer={"name": "powell", "max_iterations": 1, "tolerance": 1e-2}, starts=1),
    "vqe gradient_descent": vqe(optimizer={"name": "gradient_descent", "max_iterations": 8}),
    "vqe qng": vqe(optimizer={"name": "qng", "max_iterations": 8, "regularization": 1e-3}),
    "vqe rotosolve": vqe(optimizer={"name": "rotosolve", "max_iterations": 2}),
    "vqe shots, rotosolve": vqe(shots=50, optimizer={"name": "rotosolve", "max_iterations": 1}, starts=1),
    "qaoa": qaoa(starts=2),
    "qaoa interp": qaoa(init="interp", layers=3),
    "qaoa qng": qaoa(optimizer={"name": "qng", "max_iterations": 6}),
    "qaoa exact": qaoa(shots=None, init="random"),
    "classifier": learning(),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("worth_s", [1e-9, 1e9])
def test_fused_and_fanned_out_agree_to_the_last_bit(name, worth_s, monkeypatch):
    monkeypatch.setattr(advance_module, "WORTH_A_TASK_S", worth_s)
    fused, one = run(CASES[name], "fused")
    fanned, other = run(CASES[name], "fanned_out", order=3)
    assert fanned == fused
    assert_equal_bits(one, other)
    assert other.ran.count("evaluate") >= fused["n_evaluations"]


def test_steps_that_die_after_their_work_are_repeated_without_a_trace():
    whole, _ = run(CASES["vqe shots, pairs"], "fanned_out")
    shaken, executor = run(CASES["vqe shots, pairs"], "fanned_out", order=8, crash=0.3)
    assert shaken == whole
    assert sum(len(journal.kept) for journal in executor.journals.values()) == whole["n_evaluations"]


def test_dear_units_are_tasks_and_cheap_ones_share_one(monkeypatch):
    spec = vqe(shots=50, starts=1, optimizer={"name": "adam", "max_iterations": 1})
    for worth_s, expected in ((1e9, 1), (1e-9, 50)):
        monkeypatch.setattr(advance_module, "WORTH_A_TASK_S", worth_s)
        outcome = advance(Executor(spec).context({"loop": 0}))
        assert isinstance(outcome, Expand)
        *evaluations, step = outcome.tasks
        assert len(evaluations) == expected
        assert step.operation == "advance" and step.after == tuple(range(len(evaluations)))
        spans = [task.payload["units"] for task in evaluations]
        assert spans[0][0] == 0 and all(a[1] == b[0] for a, b in itertools.pairwise(spans))
        assert all(task.cost_s > 0 and task.name == "evaluation 1" for task in evaluations)


def test_a_cancelled_loop_goes_on_where_it_stopped():
    whole, _ = run(vqe(starts=1), "fused")
    executor = Executor(vqe(starts=1))
    left = iter(range(4))

    def checkpoint():
        if next(left, None) is None:
            raise Stopped

    with pytest.raises(Stopped):
        optimize(executor.context({"loop": 0}, checkpoint=checkpoint))
    executor.journals[0].flush()
    assert len(executor.journals[0].kept) == 4
    seen = []
    end = optimize(executor.context({"loop": 0}, checkpoint=lambda: seen.append(1))).value
    assert len(seen) == whole["n_evaluations"] - 4
    assert end["value"] == whole["energy"]


def test_a_journal_of_another_job_is_refused():
    _, executor = run(vqe(starts=1), "fused")
    executor.spec["seed"] = 12
    with pytest.raises(JournalMismatch, match="journal position 0"):
        optimize(executor.context({"loop": 0}))


def test_vqe_result_holds_what_is_promised():
    result, _ = run(
        vqe(hamiltonian={"terms": [["ZZ", 1.0], ["XI", 0.5]], "e_exact": -1.118033988749895}), "fused"
    )
    assert result["energy"] == pytest.approx(-(1.25**0.5), abs=1e-6)
    assert result["error_mha"] == pytest.approx(0.0, abs=1e-3)
    assert result["e_hf"] is None and result["std_error"] is None
    assert result["history"][result["evaluation"] - 1]["energy"] == result["energy"]
    assert [point["evaluation"] for point in result["history"]] == list(range(1, len(result["history"]) + 1))
    assert [start["start"] for start in result["starts"]] == [0, 1]
    assert result["energy"] == min(start["energy"] for start in result["starts"])
    assert result["n_evaluations"] == sum(start["n_evaluations"] for start in result["starts"])
    assert result["n_parameters"] == len(result["parameters"])
    assert result["converged"]
    assert result["parameter_names"][:2] == ["ry_0_0", "rz_0_0"]
    assert result["operators"][:2] == ["-i/2 Y0", "-i/2 Z0"]
    assert len(result["operators"]) == len(result["parameters"])
    assert "qubit 0 leftmost" in result["order"]


def test_a_sampled_vqe_says_how_uncertain_it_is():
    result, _ = run(CASES["vqe shots, pairs"], "fused")
    assert 0 < result["std_error"] < 0.5
    assert result["evaluation"] == len(result["history"])


def test_an_optimizer_that_stays_at_its_start_is_pointed_out():
    still = vqe(
        hamiltonian={"terms": [["XX", 1.0]]},
        ansatz={
            "name": "circuit",
            "circuit": {
                "n_qubits": 2,
                "parameters": ["a"],
                "registers": [],
                "instructions": [
                    {"gate": "rz", "qubits": [0], "params": [{"terms": {"a": 1.0}, "offset": 0.0}]}
                ],
            },
        },
        starts=1,
    )
    _, executor = run(still, "fused")
    locked, stayed = executor.warnings
    assert "stationary point" in locked and "perturb" in locked and "never left its start" in stayed


def test_qaoa_result_holds_what_is_promised():
    result, _ = run(qaoa(), "fused")
    maxcut = qaoa()["problem"]["maxcut"]

    def cut(bits):
        joined = zip(maxcut["edges"], maxcut["weights"], strict=True)
        return sum(weight for (a, b), weight in joined if bits[a] != bits[b])

    best = max(cut(format(k, "06b")) for k in range(64))
    worst = min(cut(format(k, "06b")) for k in range(64))
    assert result["optimum"] == result["best_value"] == cut(result["best_bitstring"]) == best
    assert sum(result["samples"].values()) == 512
    assert list(result["samples"].values()) == sorted(result["samples"].values(), reverse=True)
    mean = sum(cut(bits) * count for bits, count in result["samples"].items()) / 512
    assert mean == pytest.approx(result["expectation"], abs=0.4)
    assert result["approximation_ratio"] == pytest.approx((result["expectation"] - worst) / (best - worst))
    assert len(result["angles"]["gammas"]) == len(result["angles"]["betas"]) == result["layers"] == 2
    assert max(point["expectation"] for point in result["history"]) == result["expectation"]


@pytest.mark.parametrize(("factor", "constant"), [(1.0, 1e6), (1e-6, 0.0), (1e6, -1e9), (3.0, 7.0)])
def test_neither_an_offset_nor_a_unit_changes_the_approximation_ratio(factor, constant):
    linear, pairs = [1.0, -2.0, 0.5, -0.7], [[0, 1, 1.5], [1, 2, -1.0], [2, 3, 0.8]]

    def ratio(a, b):
        scaled = [[i, j, a * q] for i, j, q in pairs]
        body = {"n_variables": 4, "linear": [a * one for one in linear], "quadratic": scaled, "constant": b}
        return run(qaoa(problem={"qubo": body}, shots=None), "fused")[0]["approximation_ratio"]

    assert ratio(factor, constant) == pytest.approx(ratio(1.0, 0.0), abs=1e-6)


def test_the_ratio_of_a_cut_without_negative_weights_is_expectation_over_optimum():
    edges = [[k, (k + 1) % 5] for k in range(5)]
    maxcut = {"n_nodes": 5, "edges": edges, "weights": [1.0, 0.5, 2.0, 0.0, 3.0], "nodes": list("abcde")}
    result, _ = run(qaoa(problem={"maxcut": maxcut}), "fused")
    assert result["approximation_ratio"] == pytest.approx(result["expectation"] / result["optimum"])
    assert result["names"] == list("abcde")
    sides = {name: int(bit) for name, bit in zip("abcde", result["best_bitstring"], strict=True)}
    assert result["assignment"] == sides
    assert result["partition"] == [[name for name in "abcde" if sides[name] == side] for side in (0, 1)]


def test_spins_are_assigned_one_and_minus_one():
    problem = {"ising": {"n_spins": 2, "h": [1.0, -1.0], "J": [], "constant": 0.0, "spins": ["up", "down"]}}
    result, _ = run(qaoa(problem=problem), "fused")
    assert result["assignment"] == {"up": -1, "down": 1} and "partition" not in result


def test_qaoa_minimises_energies():
    problem = {
        "ising": {"n_spins": 3, "h": [0.5, 0.0, 0.0], "J": [[0, 1, 1.0], [1, 2, 1.0]], "constant": 2.0}
    }
    result, _ = run(qaoa(problem=problem, shots=None), "fused")
    assert (result["best_bitstring"], result["best_value"], result["optimum"]) == ("101", -0.5, -0.5)
    assert 0.5 < result["approximation_ratio"] <= 1.0
    assert sum(result["probabilities"].values()) == pytest.approx(1.0)
    assert min(point["expectation"] for point in result["history"]) == result["expectation"]


def test_classifier_result_holds_what_is_promised():
    result, _ = run(learning(), "fused")
    assert result["train_accuracy"] > 0.85 and result["test_accuracy"] > 0.85
    right = [a == b for a, b in zip(result["predictions"], result["test_labels"], strict=True)]
    assert result["test_accuracy"] == sum(right) / len(right) and len(right) == 100
    assert result["history"][-1]["loss"] < result["history"][0]["loss"]
    assert result["loss"] == min(point["loss"] for point in result["history"])


def test_values_that_are_not_finite_are_the_jobs_own_failure():
    huge = vqe(hamiltonian={"terms": [["ZZ", 1.7e308], ["ZI", 1.7e308], ["IZ", 1.7e308]]})
    with np.errstate(all="ignore"), pytest.raises(UserError, match="not finite at evaluation 1"):
        run(huge, "fused")
    with np.errstate(all="ignore"), pytest.raises(UserError, match="not finite at evaluation 1"):
        run(huge, "fanned_out")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backend": "nowhere"}, "backend: unknown backend 'nowhere'"),
        ({"noise": "depolarizing"}, "noise: backend statevector"),
    ],
)
def test_what_loops_cannot_do_is_refused(changes, message):
    with pytest.raises(UserError, match=message):
        optimize(Executor(vqe(**changes)).context({"loop": 0}))


def test_tasks_of_one_process_share_an_objective():
    assert shared_objective(vqe(starts=2)) is shared_objective(vqe(starts=9, name="other"))
    assert shared_objective(vqe()) is not shared_objective(vqe(seed=12))
