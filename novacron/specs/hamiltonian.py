"""Hamiltonians in specs: a sum of Pauli strings, a lattice model, integrals, or a molecule."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from novacron.specs.integrals import Fcidump
from novacron.specs.molecule import Molecular
from novacron.specs.pauli_terms import MAX_QUBITS, Electrons, PauliTerms, Terms
from novacron.specs.record import Record, by_key, by_name, keyed
from novacron.specs.refusal import refuse, refuse_choice
from novacron.specs.scalars import Flag, Integer, Number

__all__ = [
    "MAX_QUBITS", "MODELS", "Fcidump", "Hamiltonian", "Heisenberg", "Hubbard", "Molecular",
    "PauliTerms", "Terms", "Tfim",
]  # fmt: skip

MODELS = ("tfim", "heisenberg", "hubbard")
KEYS = ("terms", "model", "fcidump", "molecule")


def _check_ring(periodic: bool, n_sites: int) -> None:
    if periodic and n_sites < 3:
        raise refuse("needs at least 3 sites", at=("periodic",), value=True)


def _check_couplings(n_terms: int, model: str) -> None:
    if not n_terms:
        raise refuse("all couplings of this chain are zero", at=("model",), value=model)


class Model(Record):
    """A Hamiltonian without known energies."""

    e_hf: ClassVar[None] = None
    e_exact: ClassVar[None] = None

    def warnings(self) -> list[str]:
        """Return no warnings: models are well-defined."""
        return []


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
        """Number of nearest-neighbour pairs."""
        return self.n_qubits if self.periodic else self.n_qubits - 1

    @property
    def n_electrons(self) -> None:
        """None: spins carry no electrons."""
        return None

    @property
    def n_alpha(self) -> None:
        """None: spins carry no electrons."""
        return None


class Tfim(Spins):
    """Transverse-field Ising chain, H = -J sum Z_i Z_i+1 - h sum X_i - hz sum Z_i."""

    model: Literal["tfim"]
    J: Number = 1.0
    h: Number = 1.0
    hz: Number = 0.0

    @model_validator(mode="after")
    def _check_terms(self) -> Self:
        _check_couplings(self.n_terms, self.model)
        return self

    @property
    def n_terms(self) -> int:
        """Number of Pauli strings with a nonzero coefficient."""
        return self.n_bonds * (self.J != 0) + self.n_qubits * ((self.h != 0) + (self.hz != 0))

    @property
    def n_families(self) -> int:
        """Number of nonzero types of terms: bonds, X field, Z field."""
        return (self.J != 0) + (self.h != 0) + (self.hz != 0)


class Heisenberg(Spins):
    """Heisenberg chain, H = sum (Jx X_i X_i+1 + Jy Y_i Y_i+1 + Jz Z_i Z_i+1) + h sum Z_i."""

    model: Literal["heisenberg"]
    Jx: Number = 1.0
    Jy: Number = 1.0
    Jz: Number = 1.0
    h: Number = 0.0

    @model_validator(mode="after")
    def _check_terms(self) -> Self:
        _check_couplings(self.n_terms, self.model)
        return self

    @property
    def n_terms(self) -> int:
        """Number of Pauli strings with a nonzero coefficient."""
        couplings = (self.Jx != 0) + (self.Jy != 0) + (self.Jz != 0)
        return self.n_bonds * couplings + self.n_qubits * (self.h != 0)

    @property
    def n_families(self) -> int:
        """Number of nonzero types of terms."""
        return (self.Jx != 0) + (self.Jy != 0) + (self.Jz != 0) + (self.h != 0)


class Hubbard(Model):
    """Hubbard chain, hopping t, repulsion U, chemical potential mu, under Jordan-Wigner.

    Qubit 2k is site k with spin up, qubit 2k+1 with spin down. The default of `n_electrons` is half filling.
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
        """Two qubits per site."""
        return 2 * self.n_sites

    @property
    def n_alpha(self) -> int:
        """Number of spin-up electrons, the greater half."""
        return (self.n_electrons + 1) // 2

    @property
    def neel(self) -> str:
        """The initial determinant of ansaetze: spin up fills even sites first, spin down odd ones."""
        even, odd = range(0, self.n_sites, 2), range(1, self.n_sites, 2)
        up, down = [*even, *odd][: self.n_alpha], [*odd, *even][: self.n_electrons - self.n_alpha]
        filled = {2 * site for site in up} | {2 * site + 1 for site in down}
        return "".join("1" if q in filled else "0" for q in range(self.n_qubits))

    @property
    def n_terms(self) -> int:
        """Number of strings: XX and YY per hop and spin, ZZ per site, Z per qubit, the identity."""
        hops = self.n_sites if self.periodic else self.n_sites - 1
        return 4 * hops * (self.t != 0) + self.n_sites * (self.U != 0) + self.n_qubits + 1

    @property
    def n_families(self) -> int:
        """Number of families: even and odd bonds (plus one that closes an odd ring), and repulsion."""
        hops = 1 + (self.n_sites > 2) + (self.periodic and self.n_sites % 2)
        return hops * (self.t != 0) + (self.U != 0)


_TAG = by_key(*KEYS)


def _tag(value: object) -> str | None:
    """Return the discriminating key, or the model if that is the key."""
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
    | Annotated[Fcidump, Tag("fcidump")]
    | Annotated[Molecular, Tag("molecule")],
    Discriminator(_tag),
    BeforeValidator(_known_model),
    keyed(*KEYS),
]
"""A Hamiltonian, discriminated by the key `terms`, `model`, `fcidump` or `molecule`."""
