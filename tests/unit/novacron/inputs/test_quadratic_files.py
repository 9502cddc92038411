"""QUBO and Ising files: JSON, dimod's BQM, COO, qbsolv and Matrix Market."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.inputs.files import Files
from novacron.inputs.quadratic import read_quadratic
from novacron.specs import QAOA
from testing.specs import ising

BQM: dict[str, Any] = {
    "type": "BinaryQuadraticModel",
    "version": {"bqm_schema": "3.0.0"},
    "use_bytes": False,
    "index_type": "uint16",
    "bias_type": "float64",
    "num_variables": 3,
    "num_interactions": 2,
    "variable_labels": ["a", "b", ["c", 1]],
    "variable_type": "SPIN",
    "offset": 1.5,
    "info": {},
    "linear_biases": [1.0, -2.0, 0.0],
    "quadratic_biases": [0.5, -1.0],
    "quadratic_head": [1, 2],
    "quadratic_tail": [0, 1],
}
COO = "# vartype=BINARY\n0 0 1.0\n0 1 -2.5\n2 2 3\n"


def energies(problem: Any) -> Any:
    """Of all assignments, bit 0 most significant, through the spec as a job has it."""
    spec = QAOA(problem=problem).model_dump(mode="json")
    return ising(spec["problem"]).loss().diagonal()


def refusal(text: str, file: str = "q.json", wanted: str | None = None) -> Any:
    with pytest.raises(BadInput) as refused:
        read_quadratic(text, file, wanted)
    return refused.value


def test_dimods_models_keep_offset_labels_and_kind() -> None:
    read = read_quadratic(json.dumps(BQM), "q.json", None)
    assert read == {
        "ising": {
            "n_spins": 3,
            "h": [1.0, -2.0, 0.0],
            "J": [[1, 0, 0.5], [2, 1, -1.0]],
            "constant": 1.5,
            "spins": ["a", "b", "(c, 1)"],
        }
    }
    binary = BQM | {"variable_type": "BINARY", "variable_labels": [0, 1, 2]}
    qubo = read_quadratic(json.dumps(binary), "q.json", "qubo")["qubo"]
    assert (qubo["n_variables"], qubo["constant"]) == (3, 1.5) and "variables" not in qubo


def test_text_formats() -> None:
    expected = {"n_variables": 3, "linear": [1.0, 0.0, 3.0], "quadratic": [[0, 1, -2.5]], "constant": 0.0}
    assert read_quadratic(COO, "q.coo", None) == {"qubo": expected}
    assert read_quadratic(COO.split("\n", 1)[1], "q.txt", "qubo") == {"qubo": expected}
    qbsolv = "c a comment\np qubo 0 3 2 1\n0 0 1.0\n2 2 3\n0 1 -2.5\n"
    assert read_quadratic(qbsolv, "q.qubo", None) == {"qubo": expected}
    assert read_quadratic(COO.replace("BINARY", "SPIN"), "q.coo", None)["ising"]["h"] == [1.0, 0.0, 3.0]


@given(st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=3, max_size=3))
def test_a_matrix_is_its_quadratic_form(rows: list[list[int]]) -> None:
    matrix = np.array(rows, dtype=float)
    general = [f"{i + 1} {j + 1} {matrix[i, j]}" for i in range(3) for j in range(3)]
    symmetric = [f"{i + 1} {j + 1} {matrix[i, j]}" for i in range(3) for j in range(i + 1)]
    lower = np.tril(matrix)
    full = lower + np.tril(matrix, -1).T
    for kind, lines, form in (("general", general, matrix), ("symmetric", symmetric, full)):
        text = f"%%MatrixMarket matrix coordinate real {kind}\n3 3 {len(lines)}\n" + "\n".join(lines)
        read = read_quadratic(text, "q.mtx", "qubo")
        bits = np.array(list(itertools.product((0, 1), repeat=3)))
        assert np.allclose(energies(read), [x @ form @ x for x in bits])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(-4, 4)), min_size=1, max_size=10),
    st.lists(st.floats(-4, 4), min_size=4, max_size=4),
    st.floats(-1e3, 1e3),
)
def test_the_diagonal_is_linear(entries: Any, linear: Any, constant: float) -> None:
    once = list({frozenset((i, j)): [i, j, q] for i, j, q in entries}.values())
    problem = {"qubo": {"linear": linear, "quadratic": once, "constant": constant}}
    expected = [
        constant + sum(map(lambda q, b: q * b, linear, x)) + sum(q * x[i] * x[j] for i, j, q in once)
        for x in itertools.product((0, 1), repeat=4)
    ]
    assert np.allclose(energies(problem), expected)
    kept = QAOA(problem=problem).model_dump()["problem"]["qubo"]
    assert all(i != j for i, j, _ in kept["quadratic"])


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"linear_biases": [1.0]}, "linear_biases", "must have 3 entries, not 1; the file may be cut short"),
        ({"quadratic_head": [1]}, "quadratic_head", "must have 2 entries"),
        ({"variable_type": "DISCRETE"}, "variable_type", "must be SPIN or BINARY"),
        ({"use_bytes": True}, "use_bytes", "is not read"),
        ({"offsett": 2}, "offsett", "unknown key"),
        ({"quadratic_tail": None}, "quadratic_tail", "must be a list"),
    ],
)
def test_bad_models_name_the_key(change: Any, field: Any, rule: Any) -> None:
    error = refusal(json.dumps(BQM | change))
    assert error.field == field and rule in error.rule


@pytest.mark.parametrize(
    ("document", "hint"),
    [
        ({"qubo": {"linear": [1, -2]}, "constant": 100}, "it belongs inside qubo"),
        ({"qubo": {"linear": [1, -2]}, "offset": 100}, "it belongs inside qubo"),
        ({"ising": {"h": [1, -2]}, "J": []}, "it belongs inside ising"),
        ({"qubo": {"linear": [1]}, "ising": {"h": [1]}}, "known keys: qubo"),
    ],
)
def test_nothing_beside_the_problem_is_dropped(document: Any, hint: str) -> None:
    assert refusal(json.dumps(document)).hint == hint


def test_a_qubo_file_is_held_to_its_keys(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text("linear: [1, -2]\nname: two\noffset: 3\n")
    with pytest.raises(BadInput) as refused:
        with (files := Files(tmp_path)).blamed():
            files.problem({"qubo": {"file": "q.yaml"}}, "problem")
    assert (refused.value.field, refused.value.line) == ("offset", 3)
    assert refused.value.hint == "the offset is called constant"


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("0 1 2\n1 0 3\n", 2, "given twice"),
        ("0 1 2\n0 0\n", 2, "must be two numbers from 0 and a bias"),
        ("0 1 nan\n", 1, "must be two numbers"),
        ("# vartype=INTEGER\n0 1 2\n", 1, "must be SPIN or BINARY"),
        ("p qubo 0 2 2 2\n0 0 1\n0 1 2\n", None, "announces 2 nodes and 2 couplers"),
        ("p qubo 0 3 three 2\n0 0 1\n0 1 2\n", 1, "must be `p qubo"),
        ("", None, "holds no lines"),
    ],
)
def test_bad_lines_have_their_number(text: str, line: Any, rule: str) -> None:
    error = refusal(text, "q.coo", "qubo")
    assert error.line == line and rule in error.rule


def test_a_file_that_contradicts_the_job_or_says_too_little_is_refused() -> None:
    assert "the job asks for ising" in refusal(COO, "q.coo", "ising").rule
    assert "does not say" in refusal("0 1 2\n", "q.coo").rule


@pytest.mark.parametrize("name", ["q.coo", "q.qubo"])
def test_a_bare_file_of_couplings_is_no_graph_to_cut(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("0 1 2\n1 2 -3\n0 2 1\n")
    with pytest.raises(BadInput, match="does not say whether it is a QUBO or an Ising model"):
        with (files := Files(tmp_path)).blamed():
            files.problem(name, "problem")


def test_a_bare_file_may_be_any_problem(tmp_path: Path) -> None:
    (tmp_path / "q.coo").write_text(COO)
    (tmp_path / "b.json").write_text(json.dumps(BQM))
    (tmp_path / "h.json").write_text('{"h": [1, 2], "J": [[0, 1, 1]]}')
    (tmp_path / "l.json").write_text('{"linear": [1, 2], "constant": 5}')
    files = ("q.coo", "b.json", "h.json", "l.json")
    read = [Files(tmp_path).problem(name, "problem") for name in files]
    assert [list(one) for one in read] == [["qubo"], ["ising"], ["ising"], ["qubo"]]
