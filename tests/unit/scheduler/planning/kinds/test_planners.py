"""Every planner: pure, checked graphs of operations that exist, fused or fanned out by what a unit costs."""

import dataclasses
import json
from itertools import pairwise
from typing import Any

import pytest

from novacron.specs import SPECS, parse_spec
from scheduler.planning import dag
from scheduler.planning.kinds import KINDS
from scheduler.planning.kinds.base import FAN_OUT_S, granularity
from scheduler.planning.kinds.loop import EXPECTED_EVALUATIONS
from shared import functions
from shared.quantum import kernel_blocks, portfolio
from shared.quantum.trajectories import BLOCK
from workers.operations import OPERATIONS

BELL = {"n_qubits": 2, "parameters": [], "registers": [["c", 2]], "instructions": [
    {"gate": "h", "qubits": [0], "params": []}, {"gate": "cx", "qubits": [0, 1], "params": []},
    {"measure": 0, "bit": 0}, {"measure": 1, "bit": 1}]}  # fmt: skip
RING = {"n_nodes": 4, "edges": [[0, 1], [1, 2], [2, 3], [0, 3]], "weights": [1, 1, 1, 1]}
MOONS = {"name": "moons", "n_samples": 200}
ASKED: dict[str, dict[str, Any]] = {
    "pure_quantum": {"circuit": {"record": BELL}, "backend": "statevector"},
    "pure_classical": {"function": "noop"},
    "hybrid_vqe": {"hamiltonian": {"model": "tfim", "n_qubits": 4}, "ansatz": {"name": "hardware_efficient"}},
    "hybrid_qaoa": {"problem": {"maxcut": RING}, "layers": 2},
    "quantum_ml": {"data": MOONS, "model": "kernel_svm"},
    "qec_memory": {"code": "rotated_surface", "distance": [3, 5], "p": [0.003, 0.005]},
    "compile": {"circuit": {"record": BELL}, "backend": "fake:manila"},
    "cryptographic": {"operation": "sign_verify", "algorithm": "ML-DSA-65"},
}
MANY: list[tuple[str, dict[str, Any]]] = [
    *ASKED.items(),
    ("hybrid_vqe", {**ASKED["hybrid_vqe"], "starts": 3, "granularity": "fanned_out"}),
    ("hybrid_qaoa", {**ASKED["hybrid_qaoa"], "starts": 2, "granularity": "fanned_out"}),
    ("quantum_ml", {"data": MOONS, "model": "kernel_svm", "granularity": "fanned_out"}),
    ("quantum_ml", {"data": MOONS, "model": "variational_classifier"}),
    ("quantum_ml", {"data": MOONS, "model": "variational_classifier", "granularity": "fanned_out"}),
    ("pure_classical", {"function": "noop", "map": [{}, {}, {}]}),
    ("compile", {**ASKED["compile"], "optimization_level": 3}),
]


def spec(kind, asked=None):
    return parse_spec({"kind": kind, **(ASKED[kind] if asked is None else asked)}, stored=True)


def plan(kind, asked=None, queue="cpu-sim", memory_bytes=64):
    return KINDS[kind](spec(kind, asked), queue, memory_bytes)


def test_an_evaluation_on_a_device_is_as_long_as_its_trajectories_or_density_matrix():
    path = {"edges": [[node, node + 1] for node in range(10)]}
    wide = {"problem": {"maxcut": path}, "backend": "fake"}
    averaged = plan("hybrid_qaoa", wide)
    assert averaged.loop and averaged.loop["units_per_evaluation"] == 32
    without = plan("hybrid_qaoa", wide | {"optimizer": {"name": "cobyla"}, "shots": 9})
    assert averaged.tasks[0].cost_s > without.tasks[0].cost_s / 8 > 0.1
    few = {"hamiltonian": {"model": "tfim", "n_qubits": 10}, "ansatz": {"name": "hardware_efficient"}}
    exact = plan("hybrid_vqe", few | {"backend": "fake"})
    assert exact.loop and exact.loop["units_per_evaluation"] == 1 and exact.granularity == "fused"
    sampled = plan("hybrid_vqe", few | {"backend": "fake", "shots": 1000, "optimizer": {"name": "spsa"}})
    pure = plan("hybrid_vqe", few | {"backend": "statevector", "shots": 1000, "optimizer": {"name": "spsa"}})
    assert sampled.loop == pure.loop and sampled.cost_s > 50 * pure.cost_s


def operations(work):
    return [task.operation for task in work.tasks]


def test_there_is_a_planner_for_every_kind():
    """Except of sweeps, whose work is that of their jobs."""
    assert [*KINDS, "sweep"] == list(SPECS) == [*ASKED, "sweep"]


@pytest.mark.parametrize(("kind", "asked"), MANY)
def test_a_plan_is_a_graph_of_operations_that_exist(kind, asked):
    work = plan(kind, asked)
    dag.check(work.tasks)
    assert set(operations(work)) <= set(OPERATIONS)
    assert work.granularity in ("single", "fused", "fanned_out") and work.why and work.shape
    assert work.cost_s > 0 and all(task.cost_s > 0 for task in work.tasks)


@pytest.mark.parametrize(("kind", "asked"), MANY)
def test_a_plan_is_a_pure_function_that_json_can_carry(kind, asked):
    first, second = plan(kind, asked), plan(kind, asked)
    assert first == second
    json.dumps(dataclasses.asdict(first), allow_nan=False)


@pytest.mark.parametrize(("kind", "asked"), MANY)
def test_all_tasks_run_on_the_queue_that_was_chosen(kind, asked):
    assert {task.queue for task in plan(kind, asked, queue="gpu-sim").tasks} == {"gpu-sim"}


def test_the_shape_tells_apart_what_takes_different_time():
    larger = {**ASKED["hybrid_vqe"], "hamiltonian": {"model": "tfim", "n_qubits": 8}}
    seeded = {**ASKED["hybrid_vqe"], "seed": 5, "name": "another"}
    assert plan("hybrid_vqe", larger).shape != plan("hybrid_vqe").shape == plan("hybrid_vqe", seeded).shape


def test_a_small_loop_is_fused_and_a_large_one_fanned_out():
    small = plan("hybrid_vqe")
    assert (small.granularity, operations(small)) == ("fused", ["optimize", "conclude_vqe"])
    large = plan("hybrid_vqe", {**ASKED["hybrid_vqe"], "hamiltonian": {"model": "tfim", "n_qubits": 24}})
    assert (large.granularity, operations(large)) == ("fanned_out", ["advance", "conclude_vqe"])
    assert "an evaluation costs about" in small.why and "an evaluation costs about" in large.why


@pytest.mark.parametrize(("asked", "expected"), [("fused", "optimize"), ("fanned_out", "advance")])
def test_a_job_may_choose_its_granularity(asked, expected):
    for kind in ("hybrid_vqe", "hybrid_qaoa"):
        work = plan(kind, {**ASKED[kind], "granularity": asked})
        assert (work.granularity, work.why, operations(work)[0]) == (asked, "the job asks for it", expected)


def test_the_choice_is_made_where_a_unit_is_worth_its_dispatch():
    assert granularity("auto", FAN_OUT_S, "it")[0] == "fused"
    assert granularity("auto", FAN_OUT_S * 1.01, "it")[0] == "fanned_out"
    assert granularity("fanned_out", 0.0, "it") == ("fanned_out", "the job asks for it")


@pytest.mark.parametrize("mode", ["fused", "fanned_out"])
def test_every_start_is_a_loop_and_one_task_concludes(mode):
    work = plan("hybrid_qaoa", {**ASKED["hybrid_qaoa"], "starts": 3, "granularity": mode})
    *loops, last = work.tasks
    assert [task.payload for task in loops] == [{"loop": 0}, {"loop": 1}, {"loop": 2}]
    assert (last.operation, last.after) == ("conclude_qaoa", (0, 1, 2))
    assert [task.name for task in loops] == [f"{loops[0].operation} start {k}" for k in (1, 2, 3)]
    assert work.loop is not None
    assert (work.loop["n_loops"], work.loop["expected_evaluations"]) == (3, 3 * EXPECTED_EVALUATIONS["lbfgs"])


def test_sampled_gradients_are_dearer_than_exact_ones():
    exact, sampled = plan("hybrid_vqe"), plan("hybrid_vqe", {**ASKED["hybrid_vqe"], "shots": 1000})
    assert sampled.cost_s > exact.cost_s


def test_the_lines_to_compare_with_are_told():
    terms = {"terms": [["ZZ", 1.0]], "e_hf": -1.0, "e_exact": -1.5, "n_electrons": None, "hf_bitstring": None}
    assert plan("hybrid_vqe", {**ASKED["hybrid_vqe"], "hamiltonian": terms}).known == {
        "e_hf": -1.0,
        "e_exact": -1.5,
    }
    assert plan("hybrid_vqe").known == {}


def test_a_kernel_is_one_task_or_its_blocks():
    fused = plan("quantum_ml", {**ASKED["quantum_ml"], "granularity": "fused"})
    assert operations(fused) == ["kernel_fused"]
    parts = plan("quantum_ml", {**ASKED["quantum_ml"], "granularity": "fanned_out"})
    n_train, n_test = kernel_blocks.split_sizes(200, 0.3)
    n_blocks = len(kernel_blocks.blocks(n_train, n_test, spec("quantum_ml").n_qubits))
    assert operations(parts) == ["kernel_block"] * n_blocks + ["kernel_svm"]
    assert [task.payload for task in parts.tasks[:-1]] == [{"block": block} for block in range(n_blocks)]
    assert parts.tasks[-1].after == tuple(range(n_blocks))


def test_a_map_is_one_task_a_call_and_gathered_in_order():
    work = plan("pure_classical", {"function": "noop", "map": [{}, {}, {}]})
    assert operations(work) == ["classical"] * 3 + ["gather"]
    assert [task.payload for task in work.tasks[:-1]] == [{"index": 0}, {"index": 1}, {"index": 2}]
    assert work.tasks[-1].after == (0, 1, 2)
    assert operations(plan("pure_classical")) == ["classical"]


def test_the_known_costs_are_of_functions_that_exist():
    from scheduler.planning.kinds.classical import EXPECTED_S

    assert set(EXPECTED_S) <= set(functions.functions())


def test_a_circuit_is_one_task_whatever_its_shots():
    for shots in (None, 10, 10**6):
        work = plan("pure_quantum", {**ASKED["pure_quantum"], "shots": shots})
        assert (work.granularity, operations(work)) == ("single", ["circuit"])
        assert work.tasks[0].memory_bytes == 64


def test_trajectories_are_shared_out_by_what_they_cost():
    asked = {**ASKED["pure_quantum"], "backend": "trajectories"}
    few = plan("pure_quantum", {**asked, "shots": 100})
    assert operations(few) == ["trajectories", "conclude_trajectories"]
    many = plan("pure_quantum", {**asked, "shots": 10**8})
    assert many.granularity == "fanned_out"
    *shares, last = many.tasks
    assert len(shares) > 1 and last.after == tuple(range(len(shares)))
    edges = [(task.payload["first"], task.payload["last"]) for task in shares]
    assert edges[0][0] == 0 and edges[-1][1] == 10**8
    assert all(one[1] == next_[0] and next_[0] % BLOCK == 0 for one, next_ in pairwise(edges))


def test_expected_evaluations_are_known_of_every_optimizer():
    from novacron.specs.optimizer import OPTIMIZERS

    assert set(EXPECTED_EVALUATIONS) == set(OPTIMIZERS)


def test_the_search_of_level_3_is_one_task_for_each_strategy_and_one_that_chooses():
    asked = {**ASKED["compile"], "optimization_level": 3, "compile_budget_s": 10}
    work = plan("compile", asked)
    names = [task.payload["strategy"] for task in work.tasks[:-1]]
    assert names == list(portfolio.strategies(3, "sabre")) and len(set(names)) == len(names)
    assert work.tasks[-1].operation == "conclude_compile" and len(work.tasks[-1].after) == len(names)
    assert sum(portfolio.search_s(name, 3, 10.0) for name in names) == pytest.approx(10)
    assert operations(plan("compile", asked | {"compile_budget_s": 0.5})) == ["compile"]
    assert operations(plan("compile", asked | {"optimization_level": 2})) == ["compile"]
