"""Hamiltonian files: JSON or YAML with Pauli strings or a model, and FCIDUMP."""

from typing import Any

from novacron.errors import BadInput
from novacron.problems.data_file import DESCRIPTIVE, DataFile

ROUNDING = 1e-6
"""Energies that agree this far, in the Hamiltonian's unit, are the same."""

_CARRIED = ("terms", "n_electrons", "hf_bitstring", "e_hf")
_EXACT = ("e_exact", "e_fci", "e_ground")
_CHECKED = ("n_qubits", "n_terms", "n_alpha", "n_beta", "nuclear_repulsion")
_TOLD = (
    *("geometry", "basis", "charge", "multiplicity", "mapping", "pauli_order", "spin_orbital_order"),
    *("check_hf_from_pauli", "e_sector_sparse", "e_min_all_sectors", "e_first_excited", "gap"),
    "e_ground_free_fermion",
)
"""Keys of a file with terms that say where it comes from and are not read."""
_OF_THE_MODEL = ("model", "J", "h", "hz", "Jx", "Jy", "Jz", "periodic", "n_sites", "t", "U", "mu")
"""Keys that may stand beside the terms of a model, which the terms say in full."""
_IN_TERMS = "the terms are the whole Hamiltonian: add it to the coefficient of the identity string"
_CURES = dict.fromkeys(
    ("constant", "offset", "core_energy", "e_core", "e_nuc", "energy_shift", "shift", "nuclear_energy"),
    _IN_TERMS,
)


def read_hamiltonian(text: str, file: str) -> dict[str, Any]:
    """The `hamiltonian` of a spec from the text of a file. Not validated yet.

    A JSON or YAML file has `terms` (with the electrons, the Hartree-Fock bitstring and the reference energies
    it knows; `e_exact` may be called `e_fci` or `e_ground`) or is a spec's hamiltonian itself.

    Raises:
        BadInput: it is malformed, holds no Hamiltonian, has an unknown key or contradicts itself.
    """
    if text.lstrip()[:4].upper() == "&FCI":
        return {"fcidump": text}
    found = DataFile(text, file)
    if "terms" in found.value:
        return _terms(found)
    if "model" in found.value or "fcidump" in found.value:
        return {key: value for key, value in found.value.items() if key not in DESCRIPTIVE}
    raise BadInput("must have one of the keys terms, model, fcidump", file=file)


def _terms(found: DataFile) -> dict[str, Any]:
    document = found.value
    model = _OF_THE_MODEL if "model" in document else ()
    found.check_keys((*_CARRIED, *_EXACT, *_CHECKED, *_TOLD, *model), cures=_CURES)
    _check_counts(found)
    _check_nuclear_repulsion(found)
    exact = {key: document[key] for key in _EXACT if document.get(key) is not None}
    if len({value for value in exact.values() if isinstance(value, int | float)}) > 1:
        raise found.error(f"contradicts {next(iter(exact))}", list(exact)[-1], value=list(exact.values())[-1])
    carried = {key: document[key] for key in _CARRIED if document.get(key) is not None}
    return carried | ({"e_exact": next(iter(exact.values()))} if exact else {})


def _check_counts(found: DataFile) -> None:
    """What the file says of its own size must be so: a file cut short is found."""
    document = found.value
    terms, n_qubits, n_terms = (document.get(key) for key in ("terms", "n_qubits", "n_terms"))
    first = (
        terms[0][0] if isinstance(terms, list) and terms and isinstance(terms[0], list) and terms[0] else None
    )
    if isinstance(first, str) and n_qubits is not None and n_qubits != len(first):
        raise found.error(f"the strings of terms have {len(first)} letters", "n_qubits", value=n_qubits)
    if n_terms is not None and isinstance(terms, list) and n_terms != len(terms):
        raise found.error(
            f"there are {len(terms)} terms; the file may be cut short", "n_terms", value=n_terms
        )
    match [document.get(key) for key in ("n_alpha", "n_beta", "n_electrons")]:
        case [int(up), int(down), int(both)] if up + down != both:
            raise found.error("is not n_alpha + n_beta", "n_electrons", value=both)


def _check_nuclear_repulsion(found: DataFile) -> None:
    """Whether the terms hold the nuclear repulsion can be told by the Hartree-Fock energy alone."""
    repulsion, e_hf = found.value.get("nuclear_repulsion"), found.value.get("e_hf")
    if not repulsion:
        return
    energy = _basis_state_energy(found.value.get("terms"), found.value.get("hf_bitstring"))
    if energy is None or not isinstance(e_hf, int | float) or abs(energy - e_hf) > ROUNDING:
        rule = "the terms must hold it, and e_hf with hf_bitstring must show that they do"
        hint = f"{_IN_TERMS}, and leave the key out"
        raise found.error(rule, "nuclear_repulsion", value=repulsion, hint=hint)


def _basis_state_energy(terms: Any, bits: Any) -> float | None:
    """<bits|H|bits>; None where the terms or the bits are not well-formed."""
    if not isinstance(bits, str) or not isinstance(terms, list):
        return None
    energy = 0.0
    for term in terms:
        match term:
            case [str(string), int() | float() as coefficient] if len(string) == len(bits):
                if not set(string) - {"I", "Z"}:
                    odd = sum(letter == "Z" and bit == "1" for letter, bit in zip(string, bits, strict=True))
                    energy += -coefficient if odd % 2 else coefficient
            case _:
                return None
    return energy
