"""Sweeps: the combinations of a grid, chains through it, values of axes."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import Sweep, parse_spec
from novacron.specs.axes import MOST_JOBS, linspace, values

NOOP = {"kind": "pure_classical", "function": "noop"}
TFIM = {"kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": 3}, "ansatz": "hardware_efficient"}


def sweep(over: dict[str, Any], job: dict[str, Any] = NOOP, **more: Any) -> Sweep:
    made = parse_spec({"kind": "sweep", "job": job, "over": over} | more)
    assert isinstance(made, Sweep)
    return made


def coordinates(made: Sweep) -> list[dict[str, Any]]:
    return [one.coordinates for one in made.combinations()]


def test_a_grid_varies_its_last_axis_fastest_without_what_is_left_out() -> None:
    made = sweep({"seed": {"range": [1, 4]}, "priority": [0, 5]}, without=[{"seed": [2, 3], "priority": 5}])
    assert coordinates(made) == [
        {"seed": 1, "priority": 0}, {"seed": 1, "priority": 5}, {"seed": 2, "priority": 0},
        {"seed": 3, "priority": 0},
    ]  # fmt: skip
    assert made.n_jobs == 4


def test_values_have_labels_and_numbers_are_left_out_but_for_rounding() -> None:
    strong = {"label": "strong", "value": {"model": "tfim", "n_qubits": 2}}
    over = {"hamiltonian.h": {"linspace": [0, 1, 11]}, "hamiltonian": [strong]}
    made = sweep(over, TFIM, without=[{"hamiltonian.h": [0.3, 0.7], "hamiltonian": "strong"}])
    assert made.n_jobs == 9
    last = list(made.combinations())[-1]
    assert last.coordinates == {"hamiltonian.h": 1.0, "hamiltonian": "strong"}
    assert made.spec_of(last).model_dump()["hamiltonian"]["h"] == 1.0  # set after the key that has it


def test_axes_move_together() -> None:
    made = sweep(
        {"seed": [1, 2], "priority": [0, 1], "max_retries": [4, 5]}, together=[["seed", "max_retries"]]
    )
    assert coordinates(made) == [
        {"seed": seed, "max_retries": seed + 3, "priority": priority}
        for seed, priority in product((1, 2), (0, 1))
    ]


def test_a_chain_goes_along_one_axis_and_over_what_is_left_out() -> None:
    over = {"seed": [1, 2], "hamiltonian.h": {"linspace": [1, 2, 3]}}
    made = sweep(over, TFIM, start_from="hamiltonian.h", without=[{"seed": 1, "hamiltonian.h": 1.5}])
    assert [one.after for one in made.combinations()] == [None, 0, None, 2, 3]
    spec = made.spec_of(list(made.combinations())[1], "0123")
    assert spec.model_dump()["initial_point"] == {"job": "0123", "values": None}
    assert spec.name == "hybrid_vqe seed=1 h=2"


def test_a_stored_sweep_is_the_same() -> None:
    made = sweep({"seed": {"range": 3}, "optimizer": ["lbfgs", {"name": "spsa", "a": 0.1}]}, TFIM)
    assert parse_spec(made.model_dump(mode="json"), stored=True) == made
    [first, *_] = made.combinations()
    assert made.spec_of(first).model_dump()["optimizer"]["name"] == "lbfgs"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"over": {"sed": [1]}}, "over.sed"),
        ({"over": {"a..b": [1]}}, "over.a..b"),
        ({"over": {"seed": []}}, "over.seed"),
        ({"over": {"seed": "123"}}, "over.seed"),
        ({"over": {"seed": [1, 1]}}, "over.seed[1]"),
        ({"over": {"seed": {"linspace": [0, 1]}}}, "over.seed"),
        ({"over": {"seed": {"range": 10**9}}}, "over.seed"),
        ({"over": {"seed": {"logspace": [0, 1000, 3]}}}, "over.seed"),
        ({"over": {"seed": {"range": [1, 2, 0]}}}, "over.seed"),
        ({"over": {"seed": {"range": MOST_JOBS}, "priority": [1, 2]}}, "over"),
        ({"over": {}}, "over"),
        ({"without": [{"seed": [1, 2]}]}, "without"),
        ({"without": [{"priority": 1}]}, "without"),
        ({"without": [{"seed": [1, 7]}]}, "without"),
        ({"over": {"seed": [1, math.nan]}}, "over.seed[1]"),
        ({"over": {"seed": [{"label": "", "value": 1}]}}, "over.seed"),
        ({"over": {"seed": [{"label": "a", "value": 1}, {"label": "a", "value": 2}]}}, "over.seed[1]"),
        ({"together": [["seed", "priority"]]}, "together"),
        ({"over": {"seed": [1, 2], "priority": [1]}, "together": [["seed", "priority"]]}, "together"),
        ({"start_from": "seed"}, "start_from"),
        ({"start_from": "seed", "job": TFIM, "over": {"seed": [1, 3, 2]}}, "start_from"),
        ({"start_from": "optimizer", "job": TFIM, "over": {"optimizer": ["spsa"]}}, "start_from"),
        ({"pick": {}}, "pick"),
        ({"seed": 3}, "seed"),
        ({"job": {"kind": "sweep"}}, "job.kind"),
        ({"job": {**NOOP, "backend": 3}}, "job.backend"),
    ],
)
def test_what_breaks_a_rule_is_refused(more: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        sweep(**({"over": {"seed": [1, 2]}} | more))
    assert refused.value.field == field


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(1, 50))
def test_linspace_is_that_of_numpy(first: float, last: float, n: int) -> None:
    assert linspace([first, last, n]) == pytest.approx(
        np.linspace(first, last, n).tolist(), rel=1e-15, abs=1e-300
    )
    assert len(linspace([first, last, n])) == n


def test_forms_of_axes() -> None:
    assert values({"logspace": [-2, 0, 3]}) == pytest.approx([0.01, 0.1, 1.0])
    assert values({"range": [5, 0, -2]}) == [5, 3, 1] and values(range(2)) == [0, 1]
    assert all(math.isfinite(one) for one in values({"logspace": [-300, 300, 5]}))
