"""Hamiltonian files: JSON with Pauli strings or a model, and FCIDUMP."""

import re
from collections.abc import Mapping
from typing import Any

from novacron.errors import BadInput, nearest
from novacron.problems import encoding, fcidump
from novacron.problems.document import read_json

USED = (
    *("terms", "n_qubits", "n_electrons", "two_sz", "hf_bitstring", "mapping", "spin_order", "terms_order"),
    *("e_hf", "e_exact", "e_fci", "e_ground", "n_alpha", "n_beta", "multiplicity", "nuclear_repulsion"),
    *("n_terms", "spin_orbital_order"),
)
"""Keys beside `terms` that count."""

NOTES = (
    *("name", "description", "comment", "notes", "source", "reference", "license", "date", "version"),
    *(
        "geometry",
        "unit",
        "charge",
        "basis",
        "pauli_order",
        "how_computed",
        "model",
        "J",
        "h",
        "hz",
        "U",
        "t",
    ),
    *("periodic", "e_first_excited", "e_ground_free_fermion", "gap", "check_hf_from_pauli"),
    *("e_sector_sparse", "e_min_all_sectors"),
)
"""Keys beside `terms` that tell people where the terms come from; no number depends on them."""

_CARRIED = ("terms", "n_electrons", "two_sz", "hf_bitstring", "mapping", "spin_order", "terms_order", "e_hf")
_EXACT = ("e_exact", "e_fci", "e_ground")
_FCIDUMP = re.compile(r"^[^{\[]*?[&$]FCI\b", re.IGNORECASE)
_AGREEMENT = 1e-5


def read_hamiltonian(text: str, file: str) -> dict[str, Any]:
    """The `hamiltonian` of a spec from the text of a file.

    A JSON file has `terms` (with the electrons, the Hartree-Fock bitstring and the reference energies it
    knows; `e_exact` may be called `e_fci` or `e_ground`) or is a spec's hamiltonian itself. A file that
    begins with &FCI is an FCIDUMP file, whatever its name.

    Raises:
        BadInput: it is malformed, contradicts itself, has a key that is not known, or holds no Hamiltonian.
    """
    if _FCIDUMP.match(text[:10_000]) or file.lower().endswith("fcidump"):
        return _integrals(text, file)
    document = read_json(text, file)
    if not isinstance(document, Mapping):
        raise BadInput("must be a mapping with the key terms, model or fcidump", file=file)
    if "terms" in document:
        return _terms(document, file)
    if "model" in document or "fcidump" in document:
        return dict(document)
    raise BadInput("must have one of the keys terms, model, fcidump", file=file)


def _integrals(text: str, file: str) -> dict[str, Any]:
    try:
        fcidump.read_integrals(text)
    except fcidump.FcidumpError as error:
        raise BadInput(error.rule, file=file, line=error.line, value=error.value, hint=error.hint) from None
    return {"fcidump": text}


def _terms(document: Mapping[str, Any], file: str) -> dict[str, Any]:
    _check_keys(document, file)
    _check_size(document, file)
    exact = next((document[key] for key in _EXACT if document.get(key) is not None), None)
    carried = {key: document[key] for key in _CARRIED if document.get(key) is not None}
    carried |= {} if exact is None else {"e_exact": exact}
    order = str(document.get("spin_orbital_order") or "").split(":")[0].strip()
    if order in encoding.SPIN_ORDERS:
        _agree(carried, "spin_order", order, "spin_orbital_order", file)
    _carry_spin(carried, document, file)
    if document.get("nuclear_repulsion"):
        _check_repulsion(carried, document["nuclear_repulsion"], file)
    return carried


def _check_keys(document: Mapping[str, Any], file: str) -> None:
    for key in document:
        if key not in USED and key not in NOTES:
            close = nearest(key, USED)
            hint = f"did you mean {close!r}?" if close else f"known keys: {', '.join(USED)}; notes: comment"
            raise BadInput("unknown key", file=file, field=key, hint=hint)


def _check_size(document: Mapping[str, Any], file: str) -> None:
    terms, n_qubits = document["terms"], document.get("n_qubits")
    if not isinstance(terms, list):
        return
    first = terms[0][0] if terms and isinstance(terms[0], list) and terms[0] else None
    if isinstance(first, str) and n_qubits is not None and n_qubits != len(first):
        rule = f"the strings of terms have {len(first)} letters"
        raise BadInput(rule, file=file, field="n_qubits", value=n_qubits)
    if document.get("n_terms") not in (None, len(terms)):
        rule = f"there are {len(terms)} terms: the file was cut short or changed"
        raise BadInput(rule, file=file, field="n_terms", value=document["n_terms"])


def _carry_spin(carried: dict[str, Any], document: Mapping[str, Any], file: str) -> None:
    """Take over what n_alpha, n_beta and multiplicity say of the electrons."""
    up, down = document.get("n_alpha"), document.get("n_beta")
    if isinstance(up, int) and isinstance(down, int):
        _agree(carried, "n_electrons", up + down, "n_alpha + n_beta", file)
        if "hf_bitstring" not in carried:
            _agree(carried, "two_sz", up - down, "n_alpha - n_beta", file)
    multiplicity = document.get("multiplicity")
    known = "two_sz" in carried or "hf_bitstring" in carried
    if isinstance(multiplicity, int) and "n_electrons" in carried and not known:
        carried["two_sz"] = multiplicity - 1


def _agree(carried: dict[str, Any], key: str, value: Any, name: str, file: str) -> None:
    if carried.setdefault(key, value) != value:
        raise BadInput(f"contradicts {name}, which is {value}", file=file, field=key, value=carried[key])


def _check_repulsion(carried: dict[str, Any], repulsion: Any, file: str) -> None:
    """Refuse an energy of the nuclei that the terms do not hold, or of which that cannot be told.

    It is never added: whether the terms hold it shows where the file says what its determinant's energy is.
    """
    missing = _missing(carried)
    if missing is not None and abs(missing) <= _AGREEMENT:
        return
    said = "the terms do not hold it" if missing is not None else "whether the terms hold it cannot be told"
    hint = "add it to the coefficient of the identity string and leave the key out"
    if missing is None:
        hint += "; or give hf_bitstring and e_hf, by which it is checked"
    raise BadInput(said, file=file, field="nuclear_repulsion", value=repulsion, hint=hint)


def _missing(carried: Mapping[str, Any]) -> float | None:
    """The energy that the terms lack for their determinant to have `e_hf`; None where it cannot be told."""
    from novacron.specs.pauli_terms import PauliTerms

    if carried.get("e_hf") is None or carried.get("hf_bitstring") is None:
        return None
    try:
        energy = PauliTerms(**carried).reference_energy()
    except BadInput:
        return 0.0
    return None if energy is None else float(carried["e_hf"]) - energy
