"""Hamiltonians as specs carry them: a sum of Pauli strings, a lattice model, or integrals."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from novacron.problems.fcidump import Header, read_header
from novacron.specs.record import Record, by_key, by_name, keyed
from novacron.specs.refusal import refuse, refuse_choice
from novacron.specs.scalars import Flag, Integer, Number, Text

MAX_QUBITS = 1000
MAX_TERMS = 1_000_000
MAX_FCIDUMP = 16 * 2**20
MODELS = ("tfim", "heisenberg", "hubbard")
KEYS = ("terms", "model", "fcidump")

Electrons = Annotated[Integer, Field(ge=0, le=MAX_QUBITS)]
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


class PauliTerms(Record):
    """A sum of Pauli strings with real coefficients; character i acts on qubit i, qubit 0 leftmost.

    Attributes:
        terms: (string, coefficient); strings given twice add up.
        n_electrons: particle number of the state sought, for chemistry ansaetze.
        hf_bitstring: Hartree-Fock occupation, qubit 0 leftmost, interleaved spins (up on even qubits).
        e_hf: Hartree-Fock energy, where known.
        e_exact: exact ground energy, where known.
    """

    terms: Terms
    n_electrons: Electrons | None = None
    hf_bitstring: Annotated[str, Field(strict=True)] | None = None
    e_hf: Number | None = None
    e_exact: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _count_electrons(cls, data: Any) -> Any:
        """The occupation tells the particle number."""
        if isinstance(data, Mapping) and isinstance(data.get("hf_bitstring"), str):
            if data.get("n_electrons") is None:
                return {**data, "n_electrons": data["hf_bitstring"].count("1")}
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

    @property
    def n_qubits(self) -> int:
        """Letters of each string."""
        return len(self.terms[0][0])

    @property
    def n_alpha(self) -> int | None:
        """Electrons of spin up: on even qubits of `hf_bitstring`, else the greater half."""
        if self.hf_bitstring is not None:
            return self.hf_bitstring[::2].count("1")
        return None if self.n_electrons is None else (self.n_electrons + 1) // 2

    @property
    def n_terms(self) -> int:
        """Distinct Pauli strings."""
        return len({string for string, _ in self.terms})

    @property
    def n_families(self) -> int:
        """Sets of terms with the same letters, the identity aside: ZZ and X make two."""
        return len({"".join(sorted(string.replace("I", ""))) for string, _ in self.terms} - {""})


def _check_ring(periodic: bool, n_sites: int) -> None:
    if periodic and n_sites < 3:
        raise refuse("needs at least 3 sites", at=("periodic",), value=True)


class Model(Record):
    """A Hamiltonian that comes without known energies."""

    e_hf: ClassVar[None] = None
    e_exact: ClassVar[None] = None


class Spins(Model):
    """A chain of spins; `periodic` closes it to a ring."""

    n_qubits: Annotated[Integer, Field(ge=2, le=MAX_QUBITS)]
    periodic: Flag = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_ring(self.periodic, self.n_qubits)
        return self

    @property
    def n_bonds(self) -> int:
        """Pairs of neighbours."""
        return self.n_qubits if self.periodic else self.n_qubits - 1

    @property
    def n_electrons(self) -> None:
        """Spins carry none."""
        return None

    @property
    def n_alpha(self) -> None:
        """Spins carry no electrons."""
        return None


class Tfim(Spins):
    """Transverse-field Ising chain, H = -J sum Z_i Z_i+1 - h sum X_i - hz sum Z_i."""

    model: Literal["tfim"]
    J: Number = 1.0
    h: Number = 1.0
    hz: Number = 0.0

    @property
    def n_terms(self) -> int:
        """Pauli strings with a coefficient that is not zero."""
        return self.n_bonds * (self.J != 0) + self.n_qubits * ((self.h != 0) + (self.hz != 0))

    @property
    def n_families(self) -> int:
        """Kinds of term that are not zero: bonds, X field, Z field."""
        return (self.J != 0) + (self.h != 0) + (self.hz != 0)


class Heisenberg(Spins):
    """Heisenberg chain, H = sum (Jx X_i X_i+1 + Jy Y_i Y_i+1 + Jz Z_i Z_i+1) + h sum Z_i."""

    model: Literal["heisenberg"]
    Jx: Number = 1.0
    Jy: Number = 1.0
    Jz: Number = 1.0
    h: Number = 0.0

    @property
    def n_terms(self) -> int:
        """Pauli strings with a coefficient that is not zero."""
        couplings = (self.Jx != 0) + (self.Jy != 0) + (self.Jz != 0)
        return self.n_bonds * couplings + self.n_qubits * (self.h != 0)

    @property
    def n_families(self) -> int:
        """Kinds of term that are not zero."""
        return (self.Jx != 0) + (self.Jy != 0) + (self.Jz != 0) + (self.h != 0)


class Hubbard(Model):
    """Hubbard chain, hopping t, repulsion U, chemical potential mu, under Jordan-Wigner.

    Qubit 2k is site k with spin up, qubit 2k+1 with spin down. Where `n_electrons` is not given the chain is
    half filled.
    """

    model: Literal["hubbard"]
    n_sites: Annotated[Integer, Field(ge=2, le=MAX_QUBITS // 2)]
    t: Number = 1.0
    U: Number = 4.0
    mu: Number = 0.0
    periodic: Flag = False
    n_electrons: Electrons = Field(default_factory=lambda data: data.get("n_sites", 0))

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_ring(self.periodic, self.n_sites)
        if self.n_electrons > self.n_qubits:
            rule = f"must be at most two a site, {self.n_qubits}"
            raise refuse(rule, at=("n_electrons",), value=self.n_electrons)
        return self

    @property
    def n_qubits(self) -> int:
        """Two a site."""
        return 2 * self.n_sites

    @property
    def n_alpha(self) -> int:
        """Electrons of spin up, the greater half."""
        return (self.n_electrons + 1) // 2

    @property
    def n_terms(self) -> int:
        """Strings: XX and YY for each hop and spin, ZZ for each site, Z for each qubit, the identity."""
        hops = self.n_sites if self.periodic else self.n_sites - 1
        return 4 * hops * (self.t != 0) + self.n_sites * (self.U != 0) + self.n_qubits + 1

    @property
    def n_families(self) -> int:
        """Hops over even and odd bonds (and the one that closes an odd ring), and repulsion."""
        hops = 1 + (self.n_sites > 2) + (self.periodic and self.n_sites % 2)
        return hops * (self.t != 0) + (self.U != 0)


class Fcidump(Model):
    """One- and two-electron integrals in the FCIDUMP format, as text.

    Source: Knowles, Handy, Comput. Phys. Commun. 54, 75 (1989).
    """

    fcidump: Annotated[Text, Field(max_length=MAX_FCIDUMP)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            header = self.header
        except ValueError as error:
            raise refuse(str(error), at=("fcidump",), value=self.fcidump[:60]) from None
        if header.n_orbitals > MAX_QUBITS // 2:
            raise refuse(f"NORB must be at most {MAX_QUBITS // 2}", at=("fcidump",), value=header.n_orbitals)
        return self

    @cached_property
    def header(self) -> Header:
        """What the header says."""
        return read_header(self.fcidump)

    @property
    def n_qubits(self) -> int:
        """Two a spatial orbital."""
        return 2 * self.header.n_orbitals

    @property
    def n_electrons(self) -> int:
        """NELEC of the header."""
        return self.header.n_electrons

    @property
    def n_alpha(self) -> int:
        """Electrons of spin up."""
        return (self.header.n_electrons + self.header.two_sz) // 2

    n_terms: ClassVar[None] = None
    n_families: ClassVar[None] = None


_TAG = by_key(*KEYS)


def _tag(value: object) -> str | None:
    """The key, or the model where that is the key."""
    key = _TAG(value)
    return key if key != "model" else by_name(value, "model")


def _known_model(value: object) -> object:
    if isinstance(value, Mapping) and "model" in value and value["model"] not in MODELS:
        raise refuse_choice(value["model"], MODELS, at=("model",))
    return value


Hamiltonian = Annotated[
    Annotated[PauliTerms, Tag("terms")]
    | Annotated[Tfim, Tag("tfim")]
    | Annotated[Heisenberg, Tag("heisenberg")]
    | Annotated[Hubbard, Tag("hubbard")]
    | Annotated[Fcidump, Tag("fcidump")],
    Discriminator(_tag),
    BeforeValidator(_known_model),
    keyed(*KEYS),
]
"""One of the five, told apart by the key `terms`, `model` or `fcidump`."""
