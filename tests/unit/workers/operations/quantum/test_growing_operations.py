"""Loops over an ansatz that grows, as tasks: the same operators whoever runs them and whatever dies."""

import pytest

from tests.unit.workers.operations.executor import assert_equal_bits, run
from workers.operations.quantum import advance as advance_module


def adapt(**changes):
    """A molecule of two electrons in three orbitals, with a ground state of several determinants."""
    hopping = [[0.0, -0.7, -0.2], [-0.7, 0.3, -0.5], [-0.2, -0.5, 0.9]]
    terms = []
    for spin in (0, 1):
        for a in range(3):
            terms.append(["".join("Z" if q == 2 * a + spin else "I" for q in range(6)), -0.5 * (a + 0.2)])
            for b in range(a):
                first, last = 2 * b + spin, 2 * a + spin
                for letter in "XY":
                    string = ["Z" if first < q < last else "I" for q in range(6)]
                    string[first] = string[last] = letter
                    terms.append(["".join(string), 0.5 * hopping[a][b]])
    for a in range(3):
        terms.append(["".join("Z" if q // 2 == a else "I" for q in range(6)), 0.3])
    spec = {
        "kind": "hybrid_vqe",
        "hamiltonian": {"terms": terms, "hf_bitstring": "110000", "n_electrons": 2},
        "ansatz": {
            "name": "adapt",
            "pool": changes.pop("pool", "singles_doubles"),
            "gradient_tolerance": 0.1,
            "max_operators": changes.pop("max_operators", 8),
        },
        "optimizer": {"name": "lbfgs"},
        "starts": 1,
        "shots": None,
        "seed": 3,
    }
    return {**spec, **changes}


CASES = {
    "lbfgs": adapt(),
    "generalized, rotosolve": adapt(
        pool="generalized", optimizer={"name": "rotosolve", "max_iterations": 2}, max_operators=2
    ),
    "qng": adapt(optimizer={"name": "qng", "max_iterations": 4}, max_operators=3),
    "shots": adapt(shots=10, optimizer={"name": "adam", "max_iterations": 1}, max_operators=1),
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


def test_an_ansatz_that_grew_says_by_what():
    result, executor = run(adapt(), "fanned_out")
    assert len(result["operators"]) == len(result["parameters"]) == result["n_parameters"] > 2
    assert all(name.startswith("t_") for name in result["operators"])
    assert result["converged"] and "no operator lowers the energy" in result["message"]
    assert result["history"][result["evaluation"] - 1]["energy"] == result["energy"]
    assert result["energy"] < result["history"][0]["energy"]
    assert executor.ran.count("evaluate") == result["n_evaluations"]


def test_growth_that_dies_at_every_turn_takes_the_same_operators():
    whole, _ = run(adapt(), "fanned_out")
    shaken, _ = run(adapt(), "fanned_out", order=5, crash=0.4)
    assert shaken == whole
