"""Molecules: a geometry and a basis, whose integrals a worker computes before the job runs."""

import re
from collections import Counter
from functools import cached_property
from itertools import combinations
from math import dist
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from novacron.specs.basis_sets import ELEMENTS, FUNCTIONS, n_functions
from novacron.specs.integrals import MAX_FCIDUMP, MAX_ORBITALS, Fcidump
from novacron.specs.record import Record
from novacron.specs.refusal import refuse, refuse_choice
from novacron.specs.scalars import Integer, Number, Text

MAX_GEOMETRY = 10_000
MAX_VALUES = 100
LONGEST = 1000.0
CLOSEST_A = 0.1
"""Atoms closer than this, in angstrom, are a mistake in the geometry."""
ANGSTROM = 0.529177210903
"""A bohr in angstrom. Source: CODATA 2018, as PySCF has it."""

_ATOM = "an atom is its symbol and three coordinates, such as: Li 0 0 {r}"
_PLACEHOLDER = re.compile(r"(-?)\{(\w+)\}")
_NAMES = {name.replace("-", ""): name for name in FUNCTIONS}


class Atom(NamedTuple):
    """An atom with its coordinates, in the unit of the molecule."""

    symbol: str
    x: float
    y: float
    z: float


def _known_basis(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    plain = value.lower().replace("-", "").replace("_", "").replace(" ", "")
    plain = plain.replace("(d)", "*").replace("(d,p)", "**")
    if plain not in _NAMES:
        raise refuse_choice(value, list(FUNCTIONS))
    return _NAMES[plain]


Basis = Annotated[
    Literal[
        "sto-3g", "sto-6g", "3-21g", "6-31g", "6-31g*", "6-31g**", "6-31+g*", "6-311g", "6-311g**", "cc-pvdz",
        "cc-pvtz", "aug-cc-pvdz", "def2-svp", "def2-tzvp",
    ],
    BeforeValidator(_known_basis),
]  # fmt: skip
Values = Annotated[
    dict[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$", max_length=100)], Number],
    Field(max_length=MAX_VALUES),
]
Count = Annotated[Integer, Field(ge=1, le=1000)]


class Molecule(Record):
    """A molecule in a basis of Gaussian functions.

    Attributes:
        geometry: atoms separated by `;` or line breaks, each its symbol and three coordinates: numbers, or
            names of `values` in braces.
        values: numbers of the names in `geometry`.
        unit: unit of the coordinates.
        basis: name of the basis set.
        charge: in units of the elementary charge.
        spin: number of unpaired electrons, spin up minus spin down.
        active: [electrons, orbitals] of the active space around the highest occupied orbital; the electrons
            below it become part of the core energy. None is all electrons and orbitals.
    """

    geometry: Annotated[Text, Field(min_length=1, max_length=MAX_GEOMETRY)]
    values: Values = Field(default_factory=dict)
    unit: Literal["angstrom", "bohr"] = "angstrom"
    basis: Basis = "sto-3g"
    charge: Annotated[Integer, Field(ge=-100, le=100)] = 0
    spin: Annotated[Integer, Field(ge=0, le=2 * MAX_ORBITALS)] = 0
    active: tuple[Count, Count] | None = None

    @model_validator(mode="after")
    def _check_geometry(self) -> Self:
        used = {name for _, name in _PLACEHOLDER.findall(self.geometry)}
        for name in self.values:
            if name not in used:
                rule = f"is not in the geometry; names in braces there: {', '.join(sorted(used)) or 'none'}"
                raise refuse(rule, at=("values", name), hint=f"write {{{name}}} where it belongs")
        atoms = self.atoms
        if not atoms:
            raise refuse("holds no atom", at=("geometry",), value=self.geometry, hint=_ATOM)
        scale = 1.0 if self.unit == "angstrom" else ANGSTROM
        for (i, one), (j, other) in combinations(enumerate(atoms, 1), 2):
            if dist(one[1:], other[1:]) * scale < CLOSEST_A:
                pair = f"{i} and {j}, {one.symbol} and {other.symbol}"
                rule = f"has atoms closer than {CLOSEST_A} angstrom: {pair}"
                raise refuse(rule, at=("geometry",), value=self.geometry)
        return self

    @model_validator(mode="after")
    def _check_electrons(self) -> Self:
        if self.n_all_electrons < 1:
            total = self.n_all_electrons + self.charge
            rule = f"leaves no electron: the neutral molecule has {total}"
            raise refuse(rule, at=("charge",), value=self.charge)
        if (self.n_all_electrons - self.spin) % 2 or self.spin > self.n_all_electrons:
            rule = f"cannot be the unpaired ones of {self.n_all_electrons} electrons"
            hint = "an even number of electrons has an even spin, an odd one an odd spin; see charge"
            raise refuse(rule, at=("spin",), value=self.spin, hint=hint)
        return self

    @model_validator(mode="after")
    def _check_orbitals(self) -> Self:
        for atom in self.atoms:
            if not n_functions(self.basis, atom.symbol):
                raise refuse(f"has no functions for {atom.symbol}", at=("basis",), value=self.basis)
        n_all = sum(n_functions(self.basis, atom.symbol) for atom in self.atoms)
        if self.active is None:
            self._check_size(n_all, ("basis",), self.basis, f"active: [{self._suggested()}]")
            self._check_room(n_all, ("basis",), self.basis)
            return self
        n_electrons, n_orbitals = self.active
        self._check_size(n_orbitals, ("active", 1), n_orbitals, None)
        n_core, odd = divmod(self.n_all_electrons - n_electrons, 2)
        if odd or n_core < 0:
            rule = f"must be at most {self.n_all_electrons} and leave an even number in the core"
            raise refuse(rule, at=("active", 0), value=n_electrons)
        if n_electrons < self.spin:
            rule = f"must be at least the {self.spin} unpaired electrons of spin"
            raise refuse(rule, at=("active", 0), value=n_electrons)
        if n_core + n_orbitals > n_all:
            rule = f"is more than the {n_all - n_core} orbitals that {self.basis} has above the core"
            raise refuse(rule, at=("active", 1), value=n_orbitals)
        self._check_room(n_orbitals, ("active", 1), n_orbitals)
        return self

    def _check_size(self, n_orbitals: int, at: tuple[str | int, ...], value: Any, hint: str | None) -> None:
        if n_orbitals > MAX_ORBITALS:
            rule = f"makes {n_orbitals} orbitals, {2 * n_orbitals} qubits; the limit is {MAX_ORBITALS}"
            raise refuse(rule, at=at, value=value, hint=hint and f"choose an active space, such as {hint}")

    def _check_room(self, n_orbitals: int, at: tuple[str | int, ...], value: Any) -> None:
        if self.n_alpha > n_orbitals:
            rule = f"has {n_orbitals} orbitals, too few for {self.n_alpha} electrons with spin up"
            raise refuse(rule, at=at, value=value)

    def _suggested(self) -> str:
        n_electrons = min(self.n_all_electrons, 6 + self.n_all_electrons % 2)
        return f"{max(n_electrons, self.spin)}, 6"

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """The atoms, with `values` inserted."""
        lines = re.split(r"[;\n]", self.geometry)
        return tuple(self._atom(line) for line in lines if line.strip())

    def _atom(self, line: str) -> Atom:
        symbol, *words = line.replace(",", " ").split()
        element = symbol.capitalize()
        if element not in ELEMENTS:
            raise refuse_choice(symbol, ELEMENTS, at=("geometry",))
        if len(words) != 3:
            raise refuse(f"has {len(words)} coordinates in {line.strip()!r}", at=("geometry",), hint=_ATOM)
        x, y, z = (self._coordinate(word, line) for word in words)
        return Atom(element, x, y, z)

    def _coordinate(self, word: str, line: str) -> float:
        if found := _PLACEHOLDER.fullmatch(word):
            sign, name = found.groups()
            if name not in self.values:
                rule = f"is required: {{{name}}} is in the geometry"
                raise refuse(rule, at=("values", name), hint=f"values: {{{name}: ...}}")
            value = -self.values[name] if sign else self.values[name]
        else:
            try:
                value = float(word)
            except ValueError:
                rule = f"has a coordinate that is no number, {word!r}, in {line.strip()!r}"
                raise refuse(rule, at=("geometry",), hint=_ATOM) from None
        if not abs(value) <= LONGEST:
            rule = f"has a coordinate beyond {LONGEST:g}, {word!r}, in {line.strip()!r}"
            raise refuse(rule, at=("geometry",))
        return value

    @property
    def formula(self) -> str:
        """Its elements with their numbers, in the order of the geometry, such as H2O."""
        counts = Counter(atom.symbol for atom in self.atoms)
        return "".join(f"{symbol}{n if n > 1 else ''}" for symbol, n in counts.items())

    @property
    def n_all_electrons(self) -> int:
        """Number of electrons of the molecule."""
        return sum(1 + ELEMENTS.index(atom.symbol) for atom in self.atoms) - self.charge

    @property
    def n_electrons(self) -> int:
        """Number of electrons of the active space."""
        return self.active[0] if self.active else self.n_all_electrons

    @property
    def n_orbitals(self) -> int:
        """Number of spatial orbitals of the active space."""
        if self.active:
            return self.active[1]
        return sum(n_functions(self.basis, atom.symbol) for atom in self.atoms)

    @property
    def n_alpha(self) -> int:
        """Number of electrons with spin up in the active space."""
        return (self.n_electrons + self.spin) // 2

    @property
    def occupation(self) -> str:
        """The Hartree-Fock determinant: 0 or 1 for each spin orbital, spins interleaved."""
        n_beta = self.n_electrons - self.n_alpha
        return "".join(
            ("1" if k < self.n_alpha else "0") + ("1" if k < n_beta else "0") for k in range(self.n_orbitals)
        )


class Molecular(Record):
    """The Hamiltonian of a molecule, whose integrals are computed by a job of their own.

    Attributes:
        molecule: geometry, basis and active space.
        integrals: text of an FCIDUMP file, once it is computed; not part of a submission.
    """

    molecule: Molecule
    integrals: Annotated[Text, Field(max_length=MAX_FCIDUMP)] | None = None

    e_hf: ClassVar[None] = None
    e_exact: ClassVar[None] = None
    n_terms: ClassVar[None] = None
    n_families: ClassVar[None] = None
    mapping: ClassVar[Literal["jordan_wigner"]] = "jordan_wigner"
    spin_order: ClassVar[Literal["interleaved"]] = "interleaved"

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Self:
        if self.integrals is not None and not (info.context or {}).get("stored"):
            rule = "is computed from the molecule"
            raise refuse(rule, at=("integrals",), hint="leave it out, or give {fcidump: FILE} instead")
        _ = self.fcidump
        return self

    @cached_property
    def fcidump(self) -> Fcidump | None:
        """The integrals with the Hartree-Fock determinant of the molecule; None before they are computed."""
        if self.integrals is None:
            return None
        return Fcidump(fcidump=self.integrals, occupation=self.molecule.occupation)

    def warnings(self) -> list[str]:
        """Return no warnings: the integrals are the product's own."""
        return []

    @property
    def n_qubits(self) -> int:
        """Two qubits per spatial orbital."""
        return 2 * self.molecule.n_orbitals

    @property
    def n_electrons(self) -> int:
        """Number of electrons of the active space."""
        return self.molecule.n_electrons

    @property
    def n_alpha(self) -> int:
        """Number of electrons with spin up in the active space."""
        return self.molecule.n_alpha
