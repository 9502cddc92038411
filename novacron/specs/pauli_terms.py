"""A Hamiltonian as a sum of Pauli strings, with its electron numbers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from novacron.inputs import encoding
from novacron.inputs.encoding import Encoding, SpinOrder
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, Number

MAX_QUBITS = 1000
MAX_TERMS = 1_000_000
MAX_LETTERS = 2_000_000
"""Largest number of letters for which submission checks symmetries; larger sums are left to workers."""
PAIRS = "must be a list of pairs [string, coefficient]"

Electrons = Annotated[Integer, Field(ge=0, le=MAX_QUBITS)]
TwoSz = Annotated[Integer, Field(ge=-MAX_QUBITS, le=MAX_QUBITS)]
Term = tuple[Annotated[str, Field(strict=True)], Number]


def check_strings(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Refuse Pauli strings of unequal length or with other letters than I, X, Y, Z."""
    n_qubits = len(terms[0][0]) if terms else 0
    for position, (string, _) in enumerate(terms):
        wrong = string.strip("IXYZ")
        if wrong:
            at = string.index(wrong[0])
            rule = f"character {at} is {wrong[0]!r}; a Pauli string has only I, X, Y, Z"
            raise refuse(rule, at=(position, 0), value=string, hint="qubit 0 is the leftmost character")
        if not 1 <= len(string) <= MAX_QUBITS:
            raise refuse(f"must have 1 to {MAX_QUBITS} letters, one a qubit", at=(position, 0), value=string)
        if len(string) != n_qubits:
            rule = f"has {len(string)} letters, the first string has {n_qubits}"
            raise refuse(rule, at=(position, 0), value=string, hint="write I for qubits a term leaves alone")
    return terms


Terms = Annotated[tuple[Term, ...], Field(min_length=1, max_length=MAX_TERMS), AfterValidator(check_strings)]


def check_electrons(n_electrons: int, two_sz: int, n_orbitals: int, at: str) -> None:
    """Refuse a spin that is impossible for the number of electrons.

    Raises:
        PydanticCustomError: it is odd while their number is even (or the reverse), or one spin has too many
            electrons.
    """
    most = min(n_electrons, 2 * n_orbitals - n_electrons)
    if abs(two_sz) > most or (n_electrons - two_sz) % 2:
        rule = f"is impossible for {n_electrons} electrons in {n_orbitals} orbitals"
        even = "even" if n_electrons % 2 == 0 else "odd"
        raise refuse(rule, at=(at,), value=two_sz, hint=f"spin up minus spin down: {even}, at most {most}")


class PauliTerms(Record):
    """A sum of Pauli strings with real coefficients; character i acts on qubit i, qubit 0 leftmost.

    Attributes:
        terms: (string, coefficient); duplicates are summed.
        n_electrons: particle number of the target state.
        two_sz: number of spin-up minus spin-down electrons; default: that of `hf_bitstring`, else 0 or 1.
        hf_bitstring: occupation of each spin orbital in the order of `spin_order`, independent of the
            mapping.
        mapping: fermion-to-qubit mapping.
        spin_order: interleaved (orbital 0 up, 0 down, 1 up, ...) or blocked (all up first).
        terms_order: `qiskit` if qubit 0 is the rightmost letter; the strings are reversed when read.
        e_hf: Hartree-Fock energy, if known.
        e_exact: exact ground energy, if known.
    """

    terms: Terms
    n_electrons: Electrons | None = None
    two_sz: TwoSz | None = None
    hf_bitstring: Annotated[str, Field(strict=True)] | None = None
    mapping: encoding.Mapping = "jordan_wigner"
    spin_order: SpinOrder = "interleaved"
    terms_order: Literal["leftmost", "qiskit"] = "leftmost"
    e_hf: Number | None = None
    e_exact: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        """Reverse strings in Qiskit's order; derive the particle number from the occupation."""
        if not isinstance(data, Mapping):
            return data
        data = dict(data)
        terms = data.get("terms")
        if isinstance(terms, Mapping):
            raise refuse(PAIRS, at=("terms",), value=terms, hint="list(terms.items()) in Python")
        if isinstance(terms, list | tuple):
            data["terms"] = [_real(position, term) for position, term in enumerate(terms)]
            if data.get("terms_order") == "qiskit":
                data["terms"] = [_turned(term) for term in data["terms"]]
                data["terms_order"] = "leftmost"
        if isinstance(data.get("hf_bitstring"), str) and data.get("n_electrons") is None:
            data["n_electrons"] = data["hf_bitstring"].count("1")
        return data

    @model_validator(mode="after")
    def _check_occupation(self) -> Self:
        n_qubits, bits = self.n_qubits, self.hf_bitstring
        if self.n_electrons is not None and self.n_electrons > n_qubits:
            rule = f"must be at most the number of qubits, {n_qubits}"
            raise refuse(rule, at=("n_electrons",), value=self.n_electrons)
        if bits is not None and (bits.strip("01") or len(bits) != n_qubits):
            raise refuse(f"must be {n_qubits} characters 0 or 1", at=("hf_bitstring",), value=bits)
        if bits is not None and bits.count("1") != self.n_electrons:
            rule = f"must have as many 1 as n_electrons, {self.n_electrons}"
            raise refuse(rule, at=("hf_bitstring",), value=bits)
        return self

    @model_validator(mode="after")
    def _check_spin(self) -> Self:
        if self.spin_order == "blocked" and self.n_qubits % 2:
            rule = f"needs as many orbitals up as down, and there are {self.n_qubits} qubits"
            raise refuse(rule, at=("spin_order",), value=self.spin_order)
        if self.two_sz is None:
            return self
        if self.n_electrons is None:
            raise refuse("needs n_electrons as well", at=("two_sz",), value=self.two_sz)
        check_electrons(self.n_electrons, self.two_sz, self.n_qubits // 2, "two_sz")
        if (
            self.reference is not None
            and self.two_sz != 2 * self.reference[::2].count("1") - self.n_electrons
        ):
            rule = f"contradicts hf_bitstring {self.hf_bitstring} with spins {self.spin_order}"
            raise refuse(rule, at=("two_sz",), value=self.two_sz)
        return self

    @model_validator(mode="after")
    def _check_particles(self) -> Self:
        if self.n_electrons is None or not self.searched or self._keeps(self.encoding):
            return self
        rule = f"the Hamiltonian does not keep the particle number under mapping: {self.mapping}"
        raise refuse(rule, at=("n_electrons",), value=self.n_electrons, hint=self.cure())

    def _keeps(self, encoded: Encoding) -> bool:
        return encoding.conserves_particles(self.masks(), encoded)

    def keeps_spin(self) -> bool:
        """Return whether it commutes with S_z under the declared mapping and spin order."""
        return encoding.conserves_spin(self.masks(), self.encoding)

    def cure(self) -> str:
        """Return what to declare instead, for a sum that breaks the particle number or S_z."""
        found = next(encoding.fitting(self.masks(), self.n_qubits), None)
        if found is not None:
            return f"it does under mapping: {found.mapping} with spin_order: {found.spin_order}"
        turned = [(*encoding.masks(string[::-1]), value) for string, value in self.terms]
        found = next(encoding.fitting(turned, self.n_qubits), None)
        if found is not None:
            return (
                f"it does with terms_order: qiskit, mapping: {found.mapping}, spin_order: {found.spin_order}"
            )
        return (
            f"nor does it under {', '.join(encoding.MAPPINGS)}, interleaved or blocked, from either "
            "side; leave out n_electrons and hf_bitstring, and use hardware_efficient"
        )

    def masks(self) -> list[encoding.Term]:
        """Return (X mask, Z mask, coefficient) of each term."""
        return [(*encoding.masks(string), value) for string, value in self.terms]

    @property
    def encoding(self) -> Encoding:
        """The encoding of spin orbitals in qubits."""
        return Encoding(self.n_qubits, self.mapping, self.spin_order)

    @property
    def searched(self) -> bool:
        """Whether the sum is small enough for submission to check its symmetries."""
        return self.n_qubits * len(self.terms) <= MAX_LETTERS

    @property
    def reference(self) -> str | None:
        """The given occupation, spins interleaved."""
        bits = self.hf_bitstring
        return None if bits is None else self.encoding.interleaved(bits)

    def reference_energy(self) -> float | None:
        """Return the energy of the given occupation; None without one."""
        given = self.reference
        return None if given is None else encoding.energy(self.masks(), self.encoding.basis_state(given))

    def warnings(self) -> list[str]:
        """Return warnings about the sum."""
        energy = self.reference_energy() if self.e_hf is not None and self.searched else None
        if energy is None or self.e_hf is None or abs(energy - self.e_hf) <= 1e-5 * max(1.0, abs(energy)):
            return []
        return [f"hamiltonian.e_hf is {self.e_hf}, and the energy of hf_bitstring is {energy:.10g}"]

    @property
    def n_qubits(self) -> int:
        """Length of each string."""
        return len(self.terms[0][0])

    @property
    def n_alpha(self) -> int | None:
        """Number of spin-up electrons: from `hf_bitstring`, else from `two_sz`, else the greater half."""
        if self.reference is not None:
            return self.reference[::2].count("1")
        if self.n_electrons is None:
            return None
        two_sz = self.n_electrons % 2 if self.two_sz is None else self.two_sz
        return (self.n_electrons + two_sz) // 2

    @property
    def n_terms(self) -> int:
        """Number of distinct Pauli strings."""
        return len({string for string, _ in self.terms})

    @property
    def n_families(self) -> int:
        """Number of sets of terms with the same letters, without the identity: ZZ and X make two."""
        return len({"".join(sorted(string.replace("I", ""))) for string, _ in self.terms} - {""})


def _real(position: int, term: Any) -> Any:
    """Return the term with a real coefficient if its imaginary part is zero.

    Raises:
        PydanticCustomError: the imaginary part is not zero.
    """
    if not isinstance(term, list | tuple) or len(term) != 2:
        return term
    string, value = term
    if isinstance(value, complex):
        if abs(value.imag) <= 1e-12 * abs(value):
            return [string, value.real]
        value = str(value)
    elif not (isinstance(value, list | tuple | Mapping) or (isinstance(value, str) and value.endswith("j"))):
        return term
    rule = "must be a real number: a sum of Pauli strings with complex coefficients is no Hamiltonian"
    raise refuse(
        rule, at=("terms", position, 1), value=value, hint="write the real part where the imaginary is 0"
    )


def _turned(term: Any) -> Any:
    """Return the term with its string reversed; one with invalid letters is unchanged, to be shown as is."""
    if isinstance(term, list | tuple) and len(term) == 2 and isinstance(term[0], str):
        return term if term[0].strip("IXYZ") else [term[0][::-1], term[1]]
    return term
