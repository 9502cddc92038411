"""Same seed, same bits: fused, fanned out, again, replayed; another seed, another course."""

import json
from typing import Any

import pytest

from testing.patience import PATIENCE_S
from tests.acceptance.stack import DATA, Stack

HAMILTONIANS = DATA / "hamiltonians"
GRAPH = json.loads((DATA / "maxcut" / "reg3_n10_a.json").read_text())
H2 = json.loads((HAMILTONIANS / "h2_sto3g_0.7414.json").read_text())
IRIS = [[5.1, 3.5], [4.9, 3.0], [6.3, 3.3], [5.8, 2.7], [5.0, 3.6], [6.5, 3.0], [4.6, 3.4], [7.1, 3.0]]

CHAIN = {
    "kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": 4},
    "ansatz": {"name": "hardware_efficient", "layers": 2, "entangler": "ring"},
    "optimizer": {"name": "lbfgs", "max_iterations": 8}, "starts": 2,
}  # fmt: skip
SAMPLED = {
    "kind": "hybrid_vqe", "shots": 200,
    "hamiltonian": {"terms": H2["terms"], "hf_bitstring": H2["hf_bitstring"]},
    "ansatz": {"name": "uccsd"}, "optimizer": {"name": "spsa", "max_iterations": 6},
}  # fmt: skip
SIMPLEX = CHAIN | {"optimizer": {"name": "nelder_mead", "max_iterations": 25}, "starts": 1}
CUT = {
    "kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": GRAPH["edges"]}}, "layers": 2, "init": "random",
    "optimizer": {"name": "cobyla", "max_iterations": 20}, "shots": 128,
}  # fmt: skip
KERNEL = {
    "kind": "quantum_ml", "data": {"features": IRIS, "labels": [0, 0, 1, 1, 0, 1, 0, 1]},
    "model": {"name": "kernel_svm"}, "test_fraction": 0.25,
}  # fmt: skip
CLASSIFIER = KERNEL | {
    "model": {"name": "variational_classifier"}, "optimizer": {"name": "adam", "max_iterations": 5},
}  # fmt: skip
JOBS = {
    "chain": CHAIN, "sampled": SAMPLED, "simplex": SIMPLEX, "cut": CUT, "kernel": KERNEL,
    "classifier": CLASSIFIER,
}  # fmt: skip


def bits(result: dict[str, Any]) -> str:
    """The result to the last bit, without times and places."""
    aside = ("receipt", "wall_time_s", "queue_time_s", "from_cache", "granularity")
    return json.dumps({key: value for key, value in result.items() if key not in aside}, sort_keys=True)


@pytest.mark.parametrize("name", JOBS)
def test_fused_and_fanned_out_and_again_are_the_same_bits(stack: Stack, name):
    spec = JOBS[name] | {"cache": False, "seed": 11}
    fused, fanned_out, again = stack.finish(
        spec | {"granularity": "fused"}, spec | {"granularity": "fanned_out"}, spec | {"granularity": "fused"}
    )
    assert bits(fused) == bits(again)
    assert bits(fused) == bits(fanned_out)


@pytest.mark.parametrize("name", ["chain", "sampled", "cut", "classifier"])
def test_another_seed_takes_another_course(stack: Stack, name):
    one, other = stack.finish(
        JOBS[name] | {"seed": 1, "cache": False}, JOBS[name] | {"seed": 2, "cache": False}
    )
    assert bits(one) != bits(other)


def test_the_best_of_several_starts_is_the_result(stack: Stack):
    result = stack.result(CHAIN, starts=4, seed=5, optimizer={"name": "lbfgs", "max_iterations": 40})
    energies = [start["energy"] for start in result["starts"]]
    assert len(set(energies)) > 1
    assert result["energy"] == min(energies) == energies[result["start"]]


@pytest.mark.parametrize("name", ["open_n4_h1.0", "open_n6_h0.5", "ring_n6_h1.0"])
def test_a_spin_chain_is_within_one_percent_whatever_the_granularity(stack: Stack, name):
    reference = json.loads((DATA / "tfim" / f"tfim_{name}.json").read_text())
    spec = {
        "kind": "hybrid_vqe", "hamiltonian": {"terms": reference["terms"]}, "starts": 2, "seed": 7,
        "ansatz": {"name": "hamiltonian_variational", "layers": reference["n_qubits"]},
    }  # fmt: skip
    error = stack.result(spec)["energy"] / reference["e_ground"] - 1
    assert -1e-2 <= error <= 1e-9


def test_a_replay_gives_the_same_bits(stack: Stack):
    job = stack.submit(SAMPLED | {"seed": 21}).wait(PATIENCE_S)
    told = stack.document("replay", job.id)
    assert (told["replay_of"], told["same"], told["differences"]) == (job.id, True, [])
    again = stack.client().job(told["job_id"]).document
    assert (again["replay_of"], again["from_cache"]) == (job.id, False)
    assert bits(again["result"]) == bits(job.document["result"])
