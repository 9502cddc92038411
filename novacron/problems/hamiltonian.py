"""Hamiltonian files: JSON with Pauli strings or a model, and FCIDUMP."""

from collections.abc import Mapping
from typing import Any

from novacron.errors import BadInput
from novacron.problems.document import read_json

_CARRIED = ("terms", "n_electrons", "hf_bitstring", "e_hf")
_EXACT = ("e_exact", "e_fci", "e_ground")


def read_hamiltonian(text: str, file: str) -> dict[str, Any]:
    """The `hamiltonian` of a spec from the text of a file. Not validated yet.

    A JSON file has `terms` (with the electrons, the Hartree-Fock bitstring and the reference energies it
    knows; `e_exact` may be called `e_fci` or `e_ground`) or is a spec's hamiltonian itself.

    Raises:
        BadInput: it is malformed or holds no Hamiltonian.
    """
    if text.lstrip()[:4].upper() == "&FCI":
        return {"fcidump": text}
    document = read_json(text, file)
    if not isinstance(document, Mapping):
        raise BadInput("must be a mapping with the key terms, model or fcidump", file=file)
    if "terms" in document:
        return _terms(document, file)
    if "model" in document or "fcidump" in document:
        return dict(document)
    raise BadInput("must have one of the keys terms, model, fcidump", file=file)


def _terms(document: Mapping[str, Any], file: str) -> dict[str, Any]:
    terms, n_qubits = document["terms"], document.get("n_qubits")
    first = (
        terms[0][0] if isinstance(terms, list) and terms and isinstance(terms[0], list) and terms[0] else None
    )
    if isinstance(first, str) and n_qubits is not None and n_qubits != len(first):
        rule = f"the strings of terms have {len(first)} letters"
        raise BadInput(rule, file=file, field="n_qubits", value=n_qubits)
    exact = next((document[key] for key in _EXACT if document.get(key) is not None), None)
    carried = {key: document[key] for key in _CARRIED if document.get(key) is not None}
    return carried | ({} if exact is None else {"e_exact": exact})
