"""Hamiltonian files: JSON or YAML with Pauli strings or a model, and FCIDUMP."""

import re
from typing import Any

from novacron.errors import BadInput
from novacron.inputs import encoding, fcidump
from novacron.inputs.data_file import DESCRIPTIVE, YAML_SUFFIXES, DataFile

ROUNDING = 1e-6
"""Energies that agree within this tolerance, in the Hamiltonian's unit, are equal."""

_CARRIED = ("terms", "n_electrons", "two_sz", "hf_bitstring", "mapping", "spin_order", "terms_order", "e_hf")
_FCIDUMP = re.compile(r"[^{\[]*?[&$]FCI\b", re.IGNORECASE)
_EXACT = ("e_exact", "e_fci", "e_ground")
_CHECKED = ("n_qubits", "n_terms", "n_alpha", "n_beta", "nuclear_repulsion")
_READ = ("multiplicity", "spin_orbital_order")
_TOLD = (
    *("geometry", "basis", "charge", "pauli_order"),
    *("check_hf_from_pauli", "e_sector_sparse", "e_min_all_sectors", "e_first_excited", "gap"),
    "e_ground_free_fermion",
)
"""Keys of a file with terms that describe its origin and are ignored."""
_OF_THE_MODEL = ("model", "J", "h", "hz", "Jx", "Jy", "Jz", "periodic", "n_sites", "t", "U", "mu")
"""Model parameters that may accompany a model's terms, which make them redundant."""
_RIGHTMOST = r"\b(rightmost|qiskit|little|reversed)\b"
"""Words that indicate that qubit 0 is the last letter."""
_IN_TERMS = "the terms are the whole Hamiltonian: add it to the coefficient of the identity string"
_CURES = dict.fromkeys(
    ("constant", "offset", "core_energy", "e_core", "e_nuc", "energy_shift", "shift", "nuclear_energy"),
    _IN_TERMS,
)


def read_hamiltonian(text: str, file: str) -> dict[str, Any]:
    """Return the `hamiltonian` of a spec from the text of a file, not yet validated.

    A JSON or YAML file has `terms` (with the electrons, the Hartree-Fock bitstring and the reference energies
    if known; `e_exact` may be called `e_fci` or `e_ground`) or is a spec's hamiltonian itself. A file that
    begins with &FCI, blank lines and comments aside, is an FCIDUMP file, whatever its name.

    Raises:
        BadInput: it is malformed, holds no Hamiltonian, has an unknown key or contradicts itself.
    """
    if _FCIDUMP.match(text[:10_000]) or file.lower().endswith("fcidump"):
        return read_fcidump(text, file)
    if not file.lower().endswith((".json", *YAML_SUFFIXES)) and not text.lstrip().startswith(("{", "[")):
        hint = 'Pauli strings are JSON, {"terms": [["ZZ", 1.0], ...]}, or YAML in a file *.yaml'
        raise BadInput("is neither JSON nor FCIDUMP", file=file, value=text.strip()[:40], hint=hint)
    found = DataFile(text, file)
    if "terms" in found.value:
        return _terms(found)
    if any(key in found.value for key in ("model", "fcidump", "molecule")):
        return {key: value for key, value in found.value.items() if key not in DESCRIPTIVE}
    raise BadInput("must have one of the keys terms, model, fcidump, molecule", file=file)


def read_fcidump(text: str, file: str) -> dict[str, Any]:
    """Return the `hamiltonian` of a spec from the text of an FCIDUMP file.

    Raises:
        BadInput: it is something else, or contradicts itself.
    """
    try:
        fcidump.read_integrals(text)
    except fcidump.FcidumpError as error:
        raise BadInput(error.rule, file=file, line=error.line, value=error.value, hint=error.hint) from None
    return {"fcidump": text}


def read_xyz(text: str, file: str) -> dict[str, Any]:
    """Return the `molecule` of a Hamiltonian from an XYZ file: number of atoms, title, atoms.

    Raises:
        BadInput: it has another form.
    """
    count, _, *lines = [*text.splitlines(), "", ""]
    atoms = [" ".join(line.split()[:4]) for line in lines if line.strip()]
    if not count.strip().isdigit() or int(count) != len(atoms):
        hint = "an XYZ file has the number of atoms, a title, then a line for each atom"
        rule = f"has {len(atoms)} atoms below a first line {count.strip()[:20]!r}"
        raise BadInput(rule, file=file, hint=hint)
    return {"geometry": "; ".join(atoms), "unit": "angstrom"}


def _terms(found: DataFile) -> dict[str, Any]:
    document = found.value
    model = _OF_THE_MODEL if "model" in document else ()
    found.check_keys((*_CARRIED, *_EXACT, *_CHECKED, *_READ, *_TOLD, *model), cures=_CURES)
    _check_counts(found)
    _check_nuclear_repulsion(found)
    exact = {key: document[key] for key in _EXACT if document.get(key) is not None}
    if len({value for value in exact.values() if isinstance(value, int | float)}) > 1:
        raise found.error(f"contradicts {next(iter(exact))}", list(exact)[-1], value=list(exact.values())[-1])
    carried = {key: document[key] for key in _CARRIED if document.get(key) is not None}
    carried |= _order(found)
    carried |= _spin(found, carried.get("spin_order"))
    return carried | ({"e_exact": next(iter(exact.values()))} if exact else {})


def _order(found: DataFile) -> dict[str, Any]:
    """Return the spin order that a file gives in words, such as `interleaved: qubit 2k is ...`.

    Raises:
        BadInput: it is unknown, or contradicts `spin_order`; the order of the letters contradicts
            `terms_order`.
    """
    letters = str(found.value.get("pauli_order") or "").lower()
    if (
        re.search(_RIGHTMOST, letters)
        and "left" not in letters
        and found.value.get("terms_order") != "qiskit"
    ):
        rule = "tells that the rightmost letter is qubit 0, and terms_order that the leftmost is"
        hint = "say terms_order: qiskit, or leave the key out"
        raise found.error(rule, "pauli_order", value=found.value["pauli_order"], hint=hint)
    if found.value.get("spin_orbital_order") is None:
        return {}
    order = re.split(r"\W", str(found.value["spin_orbital_order"]).lower())[0]
    if order not in encoding.SPIN_ORDERS:
        raise found.error("must begin with interleaved or blocked", "spin_orbital_order", value=order)
    if found.value.get("spin_order") not in (None, order):
        raise found.error("contradicts spin_order", "spin_orbital_order", value=order)
    return {"spin_order": order}


def _spin(found: DataFile, spin_order: object) -> dict[str, Any]:
    """Return S_z according to n_alpha and n_beta or the multiplicity, unless something else gives it.

    Raises:
        BadInput: they contradict each other, `two_sz` or the occupation of `hf_bitstring`.
    """
    document = found.value
    declared = _told_spin(document, spin_order)
    if not declared:
        return {}
    name, two_sz = next(iter(declared.items()))
    for key, value in declared.items():
        sign = abs if "multiplicity" in (key, name) else int
        if sign(value) != sign(two_sz):
            rule = f"tells two_sz = {value}, and {name} tells {two_sz}"
            raise found.error(rule, key, value=document[key], hint="leave out the one that is not meant")
    if name in ("hf_bitstring", "two_sz"):
        return {}
    electrons = {"n_electrons": document["n_alpha"] + document["n_beta"]} if name == "n_alpha" else {}
    return electrons | ({"two_sz": two_sz} if electrons or "n_electrons" in document else {})


def _told_spin(document: dict[str, Any], spin_order: object) -> dict[str, int]:
    """Return each key that determines S_z, with its two_sz; the most explicit first."""
    bits, declared = document.get("hf_bitstring"), {}
    if isinstance(bits, str) and set(bits) <= set("01"):
        half = len(bits) // 2
        up, down = (bits[:half], bits[half:]) if spin_order == "blocked" else (bits[::2], bits[1::2])
        declared["hf_bitstring"] = up.count("1") - down.count("1")
    two_sz, up_count, down_count, multiplicity = (
        document.get(key) for key in ("two_sz", "n_alpha", "n_beta", "multiplicity")
    )
    if isinstance(two_sz, int):
        declared["two_sz"] = two_sz
    if isinstance(up_count, int) and isinstance(down_count, int):
        declared["n_alpha"] = up_count - down_count
    if isinstance(multiplicity, int):
        declared["multiplicity"] = multiplicity - 1
    return declared


def _check_counts(found: DataFile) -> None:
    """Check the sizes that the file states, which detects truncated files."""
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
    """Require that the terms include the nuclear repulsion, as the Hartree-Fock energy shows."""
    repulsion, e_hf = found.value.get("nuclear_repulsion"), found.value.get("e_hf")
    if not repulsion:
        return
    energy = _determinant_energy({key: found.value[key] for key in _CARRIED if key in found.value})
    if energy is None or not isinstance(e_hf, int | float) or abs(energy - e_hf) > ROUNDING:
        rule = "the terms must hold it, and e_hf with hf_bitstring must show that they do"
        hint = f"{_IN_TERMS}, and leave the key out"
        raise found.error(rule, "nuclear_repulsion", value=repulsion, hint=hint)


def _determinant_energy(carried: dict[str, Any]) -> float | None:
    """Return the energy of `hf_bitstring`; None if it is missing, or the terms are malformed."""
    from novacron.specs.pauli_terms import PauliTerms

    try:
        return PauliTerms(**carried).reference_energy()
    except BadInput:
        return None
