"""The files a job names: Hamiltonians, graphs, tables, circuits."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.inputs.files import Files
from novacron.inputs.jobfile import load
from novacron.inputs.table import read_table
from novacron.specs import QAOA, QML, VQE

DATA = Path(__file__).parents[3] / "data"


@pytest.fixture
def files(tmp_path: Path) -> Any:
    return Files(tmp_path)


def refusal(read: Any, *arguments: Any) -> Any:
    files = getattr(read, "__self__", None)
    with pytest.raises(BadInput) as refused, files.blamed() if isinstance(files, Files) else nullcontext():
        read(*arguments)
    return refused.value


def test_hamiltonian_files_carry_their_references() -> None:
    read = Files(DATA).hamiltonian({"file": "hamiltonians/lih_sto3g_1.5957.json"}, "hamiltonian")
    file = json.loads((DATA / "hamiltonians/lih_sto3g_1.5957.json").read_text())
    assert (len(read["terms"]), read["n_electrons"], read["hf_bitstring"]) == (631, 4, "111100000000")
    assert (read["e_hf"], read["e_exact"]) == (file["e_hf"], file["e_fci"])
    chain = Files(DATA).hamiltonian("tfim/tfim_open_n4_h1.0.json", "hamiltonian")
    assert set(chain) == {"terms", "e_exact"}


def test_keys_beside_the_file_are_laid_over_it() -> None:
    value = {"file": "hamiltonians/h2_sto3g_0.7414.json", "n_electrons": 1, "hf_bitstring": "1000"}
    spec = VQE(hamiltonian=Files(DATA).hamiltonian(value, "hamiltonian"), ansatz="uccsd")
    assert (spec.n_electrons, spec.n_terms) == (1, 15)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"n_electrons": 2, "multiplicity": 3, "two_sz": 0}, "multiplicity"),
        ({"hf_bitstring": "1100", "multiplicity": 3}, "multiplicity"),
        ({"hf_bitstring": "1100", "n_alpha": 2, "n_beta": 0}, "n_alpha"),
        ({"hf_bitstring": "1100", "spin_order": "blocked", "multiplicity": 1}, "multiplicity"),
        ({"n_electrons": 2, "n_alpha": 1, "n_beta": 1, "two_sz": 2}, "n_alpha"),
        ({"pauli_order": "rightmost letter is qubit 0 (Qiskit)"}, "pauli_order"),
        ({"spin_orbital_order": "alpha first"}, "spin_orbital_order"),
        ({"n_electrons": 2, "multiplicity": 3, "two_sz": -2}, None),
        ({"hf_bitstring": "1100", "multiplicity": 1, "n_alpha": 1, "n_beta": 1}, None),
        ({"hf_bitstring": "1100", "spin_orbital_order": "Blocked: all up first", "multiplicity": 3}, None),
        ({"pauli_order": "rightmost letter is qubit 0", "terms_order": "qiskit"}, None),
        ({"pauli_order": "leftmost letter is qubit 0, rightmost the last"}, None),
    ],
)
def test_what_tells_spins_and_orders_must_agree(files: Files, tmp_path: Path, told: Any, field: Any) -> None:
    (tmp_path / "h.json").write_text(json.dumps({"terms": [["ZIII", 1.0]], **told}))
    if field is None:
        files.hamiltonian("h.json", "hamiltonian")
    else:
        assert refusal(files.hamiltonian, "h.json", "hamiltonian").field == field


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[]", "must be a mapping"),
        ('{"terms": [["ZZ", 1]], "nuclear_repulsion": 0.7}', "the terms must hold it"),
        ('{"terms": [["II", 1]], "nuclear_repulsion": 1, "e_hf": 2, "hf_bitstring": "00"}', "must hold it"),
        ('{"terms": [["ZZ", 1]], "constant": 0.7}', "unknown key"),
        ('{"terms": [["ZZ", 1]], "n_electron": 2}', "unknown key"),
        ('{"terms": [["ZZ", 1]], "J": 2}', "unknown key"),
        ('{"terms": [["ZZ", 1]], "n_terms": 2}', "there are 1 terms; the file may be cut short"),
        ('{"terms": [["ZZ", 1]], "e_fci": -1, "e_ground": -2}', "contradicts e_fci"),
        ('{"terms": [["ZZ", 1]], "n_alpha": 1, "n_beta": 1, "n_electrons": 3}', "is not n_alpha + n_beta"),
        ('{"terms": [["ZZ", 1]]', "malformed JSON"),
        ("{}", "must have one of the keys"),
        ('{"terms": [["ZZ", 1]], "n_qubits": 3}', "have 2 letters"),
        ("nonsense", "malformed JSON"),
    ],
)
def test_a_file_without_a_hamiltonian_is_refused(files: Files, tmp_path: Path, text: Any, rule: Any) -> None:
    (tmp_path / "h.json").write_text(text)
    error = refusal(files.hamiltonian, "h.json", "hamiltonian")
    assert rule in error.rule
    assert error.file == str(tmp_path / "h.json")


def test_an_unknown_key_has_its_line_and_the_nearest_known_one(files: Files, tmp_path: Path) -> None:
    (tmp_path / "h.yaml").write_text("name: dimer\nterms: [[ZZ, -1.0]]\ne_hff: -1\nnuclear: 2\n")
    error = refusal(files.hamiltonian, "h.yaml", "hamiltonian")
    assert (error.field, error.line, error.column, error.hint) == ("e_hff", 3, 1, "did you mean 'e_hf'?")
    assert [one.field for one in error.others] == ["nuclear"]


def test_what_validation_finds_in_a_data_file_has_its_line_there(tmp_path: Path) -> None:
    (tmp_path / "h.json").write_text('{"terms": [\n["ZZ", 1.0],\n["Z", 0.5]],\n"e_hf": "low"}')
    job = tmp_path / "job.yaml"
    job.write_text(
        "kind: hybrid_vqe\nansatz: hardware_efficient\nhamiltonian: {file: h.json,\n  two_sz: x}\n"
    )
    with pytest.raises(BadInput) as caught:
        load(job)
    found = {one.field: (Path(one.file or "").name, one.line) for one in caught.value.all}
    assert found == {
        "hamiltonian.terms[1][0]": ("h.json", 3),
        "hamiltonian.e_hf": ("h.json", 4),
        "hamiltonian.two_sz": ("job.yaml", 4),
    }


def test_the_keys_of_a_data_file_are_found_below_those_of_the_job(tmp_path: Path) -> None:
    (tmp_path / "g.json").write_text('{"edges": [[0, 1],\n[1, 2.5]]}')
    lab = '{"name": "lab", "qubits": [{}],\n"gates": [{"gate": "x", "qubits": [0], "error": 2}]}'
    (tmp_path / "lab.json").write_text(lab)
    job = tmp_path / "job.yaml"
    for text, file, line in [
        ("kind: hybrid_qaoa\nproblem: g.json\n", "g.json", 2),
        ("kind: pure_quantum\ncircuit: 'OPENQASM 2.0; qreg q[1];'\nnoise: lab.json\n", "lab.json", 2),
    ]:
        job.write_text(text)
        with pytest.raises(BadInput) as caught:
            load(job)
        assert (Path(caught.value.file or "").name, caught.value.line) == (file, line)


@pytest.mark.parametrize("name", ["h.txt", "h", "operator.dat"])
def test_other_text_is_no_hamiltonian(files: Files, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("(1+0j) [Z0 Z1] +\n(0.5+0j) [X0]")
    error = refusal(files.hamiltonian, {"file": name}, "hamiltonian")
    assert error.rule == "is neither JSON nor FCIDUMP" and "*.yaml" in error.hint


def test_nuclear_repulsion_within_the_terms_is_shown_by_the_hartree_fock_energy() -> None:
    file = "hamiltonians/h2_sto3g_0.7414.json"
    assert json.loads((DATA / file).read_text())["nuclear_repulsion"] > 0.7
    assert Files(DATA).hamiltonian(file, "hamiltonian")["e_hf"] < -1.1


def test_integrals_are_a_file_or_text(files: Files, tmp_path: Path) -> None:
    text = " &FCI NORB=2,NELEC=2,MS2=0,\n  ORBSYM=1,1,\n &END\n 0.7 1 1 1 1\n 0.1 0 0 0 0\n"
    (tmp_path / "h2.fcidump").write_text(text)
    for value in ("h2.fcidump", {"file": "h2.fcidump"}, {"fcidump": "h2.fcidump"}, {"fcidump": text}):
        assert files.hamiltonian(value, "hamiltonian") == {"fcidump": text}


def test_what_is_named_as_integrals_is_read_as_such(files: Files, tmp_path: Path) -> None:
    (tmp_path / "h.txt").write_text("H 0 0 0\nH 0 0 0.74\n")
    error = refusal(files.hamiltonian, {"fcidump": "h.txt"}, "hamiltonian")
    assert error.line == 1 and "must begin with a header" in error.rule


def test_graph_files_are_maxcut_problems() -> None:
    file = json.loads((DATA / "maxcut/reg3_n10_a.json").read_text())
    expected = {"maxcut": {"n_nodes": 10, "edges": file["edges"], "weights": file["weights"]}}
    name = "maxcut/reg3_n10_a.json"
    for value in (name, {"file": name}, {"maxcut": {"file": name}}, {"maxcut": name}):
        assert Files(DATA).problem(value, "problem") == expected


def test_a_problem_file_may_hold_another_problem(files: Files, tmp_path: Path) -> None:
    problem = {"qubo": {"linear": [1, -1], "quadratic": [[0, 1, 2]]}}
    (tmp_path / "p.json").write_text(json.dumps(problem))
    (tmp_path / "q.json").write_text(json.dumps(problem["qubo"]))
    for value in ("p.json", {"qubo": {"file": "q.json"}}):
        assert QAOA(problem=files.problem(value, "problem")).n_qubits == 2


def test_tables_are_features_labels_and_names() -> None:
    text = 'width,"kind, of leaf",height\n1.5,0,-2\n2e1,1.0,3\n'
    assert read_table(text, "x.csv", "kind, of leaf") == {
        "features": [[1.5, -2.0], [20.0, 3.0]],
        "labels": [0, 1],
        "feature_names": ["width", "height"],
        "target": "kind, of leaf",
        "left_out": [],
    }
    assert read_table("x,y\n1,red\n2,7\n\n", "x.csv", "y")["labels"] == ["red", "7"]


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("", 1, "must begin with a line of column names"),
        ("1,2\n3,4\n", 1, "the first line must name the columns"),
        ("a,a,y\n", 1, "given twice"),
        ("a,,y\n", 1, "column 2 has no name"),
        ("a,b\n1,2\n", 1, "there is no such column"),
        ("y\n1\n", 1, "no column beside the target"),
        ("a,y\n1,0\n,1\n", 3, "row 2, column 'a': is missing"),
        ("a,y\n1,NA\n", 2, "row 1, column 'y': is missing"),
        ("a,y\nnan,1\n", 2, "row 1, column 'a': is missing"),
        ("a,y\n1,0\nred,1\n", 3, "row 2, column 'a': must be a finite number"),
        ("a,y\ninf,1\n", 2, "row 1, column 'a': must be a finite number"),
        ("a,y\n1_0,1\n", 2, "row 1, column 'a': must be a finite number"),
        ("a,y\n1,0,3\n", 2, "row 1 has 3 values for 2 columns"),
        ("a,y\n1,0.5\n2,1\n", 2, "row 1, column 'y': classes must be whole numbers or text"),
        ('a,y\n"1,0\n', 2, "malformed CSV"),
    ],
)
def test_bad_tables_have_row_and_column(text: Any, line: Any, rule: Any) -> None:
    error = refusal(read_table, text, "x.csv", "y")
    assert (error.line, error.file) == (line, "x.csv")
    assert rule in error.rule


def test_columns_are_chosen_by_name(files: Files, tmp_path: Path) -> None:
    text = "Id,city,a,y,b\n1,Rome,0.5,0,1\n2,Oslo,0.25,1,2\n"
    by_drop = read_table(text, "x.csv", "y", None, ["Id", "city"])
    assert (by_drop["features"], by_drop["left_out"]) == ([[0.5, 1.0], [0.25, 2.0]], ["Id", "city"])
    assert read_table(text, "x.csv", "y", ["b", "a"])["features"] == [[1.0, 0.5], [2.0, 0.25]]
    (tmp_path / "x.csv").write_text(text)
    value = {"file": "x.csv", "target": "y", "columns": ["a"]}
    assert files.table(value, "data")["feature_names"] == ["a"]
    written = {"features": [[1, 2], [3, 4]], "labels": [0, 1], "feature_names": ["a", "b"]}
    (tmp_path / "x.yaml").write_text(json.dumps(written))
    for given in (written, {"file": "x.yaml"}):
        assert files.table(given | {"drop": ["a"]}, "data")["features"] == [[2], [4]]


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"columns": ["a"], "drop": ["b"]}, "not both"),
        ({"columns": ["A"]}, "there is no such column"),
        ({"columns": ["a", "a"]}, "is given twice"),
        ({"drop": "a"}, "must be a list"),
        ({"drop": ["a", "b"]}, "no column is left"),
        ({"drop": ["y"]}, "is the target"),
        ({"columns": ["a", "y"]}, "is the target"),
    ],
)
def test_a_wrong_choice_of_columns_is_refused(files: Files, tmp_path: Path, more: Any, rule: Any) -> None:
    (tmp_path / "x.csv").write_text("a,y,b\n1,0,2\n")
    assert rule in refusal(files.table, {"file": "x.csv", "target": "y", **more}, "data").rule


def test_all_columns_of_text_are_named_with_the_cure() -> None:
    error = refusal(read_table, "city,a,y,zip\nRome,1,0,x\nOslo,b,1,y\n", "x.csv", "y")
    assert [one.rule.split(",")[1].split(":")[0] for one in error.all] == [
        " column 'city'", " column 'zip'", " column 'a'",
    ]  # fmt: skip
    assert "encode its categories" in error.hint and "`drop: [city]`" in error.hint
    assert error.others[1].hint == "correct it, or leave the column out by `drop: [a]`"


def test_an_unknown_key_of_a_table_is_refused(files: Files, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"features": [[1]], "labels": [0], "feature_name": ["a"], "name": "t"}')
    error = refusal(files.table, {"file": "x.json"}, "data")
    assert (error.field, error.hint) == ("feature_name", "did you mean 'feature_names'?")


@pytest.mark.parametrize(
    ("sign", "called"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)  # fmt: skip
def test_other_separators_are_explained(sign: str, called: str) -> None:
    text = f"a{sign}y\n1{sign}2\n"
    assert refusal(read_table, text, "x.csv", "y").hint == f"separate columns by commas, not {called}"


@pytest.mark.parametrize("written", ['"0,037"', '"1,000"', "1.234.567", "5%", "1 000", "1'000"])
def test_numbers_in_another_notation_are_explained(written: str) -> None:
    assert "as 1234.5, with a decimal point" in refusal(read_table, f"a,y\n{written},0\n", "x.csv", "y").hint


def test_a_table_needs_its_target_named(files: Files, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,y\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n")
    assert refusal(files.table, {"file": "x.csv"}, "data").field == "data.target"
    assert refusal(files.table, "x.csv", "data").field == "data.target"
    spec = QML(
        data=files.table({"file": "x.csv", "target": "y", "n_features": 1}, "data"), model="kernel_svm"
    )
    assert (spec.n_qubits, spec.model_dump()["data"]["feature_names"]) == (1, ("a", "b"))
    (tmp_path / "x.json").write_text(json.dumps({"features": [[1], [2], [3], [4]], "labels": [0, 1, 0, 1]}))
    assert QML(data=files.table({"file": "x.json"}, "data"), model="kernel_svm").n_qubits == 1
    assert files.table("x.json", "data") == files.table({"file": "x.json"}, "data")


def test_a_dataset_is_known_by_its_bare_name() -> None:
    assert QML(data="iris", model="kernel_svm") == QML(data={"name": "iris"}, model="kernel_svm")
    assert "did you mean 'iris'" in refusal(lambda: QML(data="irsi", model="kernel_svm")).hint


def test_circuits_are_text_or_a_path(files: Files, tmp_path: Path) -> None:
    text = "OPENQASM 3.0;\nqubit q;\n"
    (tmp_path / "a.qasm").write_text(text)
    for value in ("a.qasm", {"file": "a.qasm"}, {"qasm": "a.qasm"}, {"qasm": text}, text):
        assert files.circuit(value, "circuit") == {"qasm": text}
    for value in ("a.qasm", {"qasm": "a.qasm"}, {"name": "circuit", "qasm": text}):
        assert files.ansatz(value, "ansatz") == {"name": "circuit", "qasm": text}
    assert files.ansatz("uccsd", "ansatz") == "uccsd"


def test_arguments_read_what_they_know(files: Files, tmp_path: Path) -> None:
    (tmp_path / "g.txt").write_text("0 1\n")
    read = files.arguments({"maxcut": {"file": "g.txt"}, "other": {"file": "g.txt"}}, "arguments")
    assert read == {"maxcut": {"n_nodes": 2, "edges": [[0, 1]]}, "other": {"file": "g.txt"}}


@pytest.mark.parametrize("path", [3, "", None, ["x"]])
def test_a_file_must_be_a_path(files: Files, path: Any) -> None:
    assert refusal(files.hamiltonian, {"file": path}, "hamiltonian").rule == "must be the path of a file"
