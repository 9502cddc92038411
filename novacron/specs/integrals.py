"""A Hamiltonian given by the integrals of an FCIDUMP file."""

from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from novacron.inputs.fcidump import FcidumpError, Header, Integrals, read_header, read_integrals
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, Text

MAX_FCIDUMP = 16 * 2**20
MAX_ORBITALS = 15

Bits = Annotated[str, Field(strict=True, max_length=2 * MAX_ORBITALS)]
Counts = Annotated[tuple[Annotated[Integer, Field(ge=0, le=2)], ...], Field(max_length=MAX_ORBITALS)]


class Fcidump(Record):
    """One- and two-electron integrals in the FCIDUMP format, as text.

    Attributes:
        fcidump: text of the file.
        occupation: initial determinant of fermionic ansaetze, instead of the file's or the lowest one: 0 or 1
            for each spin orbital, spins interleaved, or the number of electrons of each orbital.

    Source: Knowles, Handy, Comput. Phys. Commun. 54, 75 (1989).
    """

    fcidump: Annotated[Text, Field(max_length=MAX_FCIDUMP)]
    occupation: Bits | Counts | None = None

    e_hf: ClassVar[None] = None
    e_exact: ClassVar[None] = None
    n_terms: ClassVar[None] = None
    n_families: ClassVar[None] = None
    mapping: ClassVar[Literal["jordan_wigner"]] = "jordan_wigner"
    spin_order: ClassVar[Literal["interleaved"]] = "interleaved"

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            n_orbitals = read_header(self.fcidump).n_orbitals
            if n_orbitals > MAX_ORBITALS:
                rule = f"NORB must be at most {MAX_ORBITALS}, not {n_orbitals}"
                raise FcidumpError(rule, hint="choose an active space")
            _ = self.integrals
        except FcidumpError as error:
            raise refuse(str(error), at=("fcidump",), value=error.value, hint=error.hint) from None
        return self

    @model_validator(mode="after")
    def _check_occupation(self) -> Self:
        if self.occupation is None:
            return self
        header, bits = self.header, self.reference
        if bits is None:
            n = header.n_orbitals
            rule = f"must be {2 * n} characters 0 or 1, or {n} counts 0, 1 or 2"
            raise refuse(rule, at=("occupation",), value=self.occupation)
        n_up, n_down = bits[::2].count("1"), bits[1::2].count("1")
        if (n_up + n_down, n_up - n_down) != (header.n_electrons, header.two_sz):
            rule = (
                f"holds {n_up} electrons up and {n_down} down; the file says NELEC = {header.n_electrons} "
                f"and MS2 = {header.two_sz}"
            )
            raise refuse(rule, at=("occupation",), value=self.occupation)
        return self

    @cached_property
    def integrals(self) -> Integrals:
        """The parsed file."""
        return read_integrals(self.fcidump)

    @property
    def header(self) -> Header:
        """The parsed header."""
        return self.integrals.header

    @property
    def reference(self) -> str | None:
        """The given occupation, spins interleaved; None if it is missing or has another length."""
        n, two_sz = self.header.n_orbitals, self.header.two_sz
        if isinstance(self.occupation, str):
            fits = len(self.occupation) == 2 * n and not self.occupation.strip("01")
            return self.occupation if fits else None
        if self.occupation is None or len(self.occupation) != n:
            return None
        return unpaired_up(self.occupation, two_sz)

    def warnings(self) -> list[str]:
        """Return warnings about the file."""
        return self.integrals.warnings

    @property
    def n_qubits(self) -> int:
        """Two qubits per spatial orbital."""
        return 2 * self.header.n_orbitals

    @property
    def n_electrons(self) -> int:
        """NELEC of the header."""
        return self.header.n_electrons

    @property
    def n_alpha(self) -> int:
        """Number of spin-up electrons."""
        return (self.header.n_electrons + self.header.two_sz) // 2


def unpaired_up(counts: tuple[int, ...], two_sz: int) -> str:
    """Return the bitstring for these electron numbers per orbital; unpaired ones are up first, then down."""
    n_up = (counts.count(1) + two_sz) // 2
    bits = []
    for count in counts:
        up = count == 2 or (count == 1 and n_up > 0)
        n_up -= count == 1 and up
        bits.append("11" if count == 2 else "00" if count == 0 else "10" if up else "01")
    return "".join(bits)
