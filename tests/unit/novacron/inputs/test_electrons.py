"""What a submission finds out about electrons, encodings and integrals before any worker does."""

import json
from pathlib import Path
from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.inputs.jobfile import read
from novacron.specs import VQE, parse_spec
from novacron.specs.pauli_terms import PauliTerms

CASES = Path(__file__).parents[3] / "data" / "cases"
HOP = [["XX", 0.5], ["YY", 0.5], ["ZI", 0.1], ["IZ", 0.2]]


def job(tmp_path: Path, hamiltonian: Any, ansatz: Any = "uccsd") -> Any:
    path = tmp_path / "job.json"
    path.write_text(json.dumps({"kind": "hybrid_vqe", "hamiltonian": hamiltonian, "ansatz": ansatz}))
    return read(path)


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [("f02_coretwice", 123, "core energy was 1.6"), ("f02_trunc", None, "cut short")],
)
def test_faulty_integrals_are_refused_with_their_line(name: str, line: int | None, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        VQE(hamiltonian=str(CASES / f"{name}.fcidump"), ansatz="uccsd")
    assert refused.value.line == line and str(refused.value.file).endswith(f"{name}.fcidump")


@pytest.mark.parametrize("name", ["f02_dollar", "f02_topcomment", "f01"])
@pytest.mark.parametrize("suffix", [".fcidump", ".json", ""])
def test_integrals_are_known_by_their_content(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_text((CASES / f"{name}.fcidump").read_text())
    spec = VQE(hamiltonian=str(path), ansatz="uccsd")
    assert (spec.n_electrons, spec.n_qubits, spec.warnings()) == (4, 12, [])


def test_a_missing_core_energy_is_a_warning() -> None:
    (said,) = VQE(hamiltonian=str(CASES / "f02_nocore.fcidump"), ansatz="uccsd").warnings()
    assert "no core energy" in said


@pytest.mark.parametrize(
    ("name", "cure", "beside"),
    [
        ("f10_bk", "mapping: bravyi_kitaev", {"mapping": "bravyi_kitaev"}),
        ("g02_blocked", "spin_order: blocked", {"spin_order": "blocked"}),
    ],
)
def test_another_encoding_is_refused_with_the_one_that_fits(
    tmp_path: Path, name: str, cure: str, beside: dict[str, str]
) -> None:
    given = json.loads((CASES / f"{name}.json").read_text())["hamiltonian"]
    with pytest.raises(BadInput, match=cure):
        job(tmp_path, given)
    assert parse_spec(job(tmp_path, {**given, **beside})).n_qubits


@pytest.mark.parametrize(
    ("name", "beside"),
    [("f10_bk", {"mapping": "bravyi_kitaev"}), ("g02_blocked", {"spin_order": "blocked"})],
)
def test_strings_of_qiskit_are_turned_round(tmp_path: Path, name: str, beside: dict[str, str]) -> None:
    given = json.loads((CASES / f"{name}.json").read_text())["hamiltonian"]
    turned = {**given, "terms": [[string[::-1], value] for string, value in given["terms"]]}
    if name == "f10_bk":  # of Jordan-Wigner strings read from the other side electrons are kept as well
        with pytest.raises(BadInput, match="terms_order: qiskit"):
            job(tmp_path, turned)
    known = parse_spec(job(tmp_path, {**turned, "terms_order": "qiskit", **beside}))
    plain = parse_spec(job(tmp_path, {**given, **beside}))
    assert known.model_dump() == plain.model_dump()


@pytest.mark.parametrize(
    ("hamiltonian", "ansatz", "said"),
    [
        (
            {"terms": [["XX", 1.0]], "n_electrons": 1},
            "hardware_efficient",
            "keep the particle number",
        ),
        ({"terms": HOP, "n_electrons": 1}, "uccsd", "does not keep S_z"),
        ({"terms": HOP, "n_electrons": 3}, "hardware_efficient", "at most the number of qubits"),
        ({"terms": HOP, "n_electrons": 2, "two_sz": 1}, "hardware_efficient", "impossible for 2 electrons"),
        ({"terms": HOP, "two_sz": 1}, "hardware_efficient", "needs n_electrons"),
        (
            {"terms": HOP, "hf_bitstring": "10", "two_sz": -1},
            "hardware_efficient",
            "contradicts hf",
        ),
        ({"terms": HOP, "hf_bitstring": "10", "n_electrons": 2}, "hardware_efficient", "as many 1"),
        ({"terms": HOP}, "uccsd", "needs a Hamiltonian with n_electrons"),
        ({"terms": [["X", 1.0]], "spin_order": "blocked"}, "hardware_efficient", "as many orbitals up"),
        ({"terms": [["XX", [1.0, 0.5]]]}, "hardware_efficient", "must be a real number"),
        ({"terms": [["XX", "0.5+1j"]]}, "hardware_efficient", "must be a real number"),
        ({"terms": HOP, "mapping": "jordan-wigner"}, "hardware_efficient", "must be one of jordan_wigner"),
    ],
)
def test_what_cannot_be_is_refused_at_submission(
    tmp_path: Path, hamiltonian: Any, ansatz: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        job(tmp_path, hamiltonian, ansatz)


def test_complex_numbers_without_imaginary_part_are_real() -> None:
    assert PauliTerms(terms=[["Z", complex(0.5, 0.0)]]).terms == (("Z", 0.5),)
    with pytest.raises(BadInput, match="must be a real number"):
        PauliTerms(terms=[["Z", 0.5 + 0.1j]])


@pytest.mark.parametrize(
    ("occupation", "said"),
    [
        ("1100", "12 characters"),
        ([2, 2, 0], "6 counts"),
        ("111000000000", "up and 1 down"),
        ("11" * 6, "6 electrons up"),
    ],
)
def test_an_occupation_must_be_of_the_file_s_electrons(occupation: Any, said: str) -> None:
    text = (CASES / "f01.fcidump").read_text()
    with pytest.raises(BadInput, match=said):
        VQE(hamiltonian={"fcidump": text, "occupation": occupation}, ansatz="uccsd")
