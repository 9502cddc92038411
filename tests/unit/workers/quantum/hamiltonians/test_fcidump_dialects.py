"""FCIDUMP files of random integrals, written as programs write them, against a dense full CI of our own."""

import json
from functools import reduce
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.inputs.fcidump import FcidumpError, read_integrals
from testing.specs import hamiltonian
from workers.quantum.classical import exact_diagonalization

DIALECTS = ("molpro", "pyscf", "psi4", "neci")


class Molecule:
    """Random symmetric integrals of n orbitals."""

    def __init__(self, seed: int, n: int = 3, n_electrons: int = 3) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.n_electrons, self.two_sz = n, n_electrons, n_electrons % 2
        h, g = rng.standard_normal((n, n)), 0.3 * rng.standard_normal((n, n, n, n))
        self.h, self.core = h + h.T, float(rng.standard_normal())
        g = g + g.transpose(1, 0, 2, 3)
        g = g + g.transpose(0, 1, 3, 2)
        self.g = g + g.transpose(2, 3, 0, 1)

    def permuted(self, order: list[int]) -> "Molecule":
        other = Molecule(0, self.n, self.n_electrons)
        other.core, other.h = self.core, self.h[np.ix_(order, order)]
        other.g = self.g[np.ix_(order, order, order, order)]
        return other

    def ground_energy(self) -> float:
        """The lowest energy of the sector, from ladder operators as dense matrices."""
        n, m = self.n, 2 * self.n
        down, z, one = np.array([[0, 1], [0, 0]]), np.diag([1, -1]), np.eye(2)
        a = [reduce(np.kron, [z] * q + [down] + [one] * (m - q - 1)) for q in range(m)]
        total = self.core * np.eye(2**m)
        for p, q in product(range(n), repeat=2):
            excite = [a[2 * p + s].T @ a[2 * q + s] for s in (0, 1)]
            total += self.h[p, q] * sum(excite)
            for r, s in product(range(n), repeat=2):
                for one_, two in product((0, 1), repeat=2):
                    bra = a[2 * p + one_].T @ a[2 * r + two].T
                    total += 0.5 * self.g[p, q, r, s] * bra @ a[2 * s + two] @ a[2 * q + one_]
        n_up = (self.n_electrons + self.two_sz) // 2
        index = [
            sum(1 << (m - 1 - 2 * k) for k in up) + sum(1 << (m - 2 - 2 * k) for k in low)
            for up in combinations(range(n), n_up)
            for low in combinations(range(n), self.n_electrons - n_up)
        ]
        return float(np.linalg.eigvalsh(total[np.ix_(index, index)])[0])

    def lines(self) -> tuple[list[str], list[str], str]:
        """Two-electron lines, one-electron lines, the core's line."""
        n = self.n
        pairs = [(p, q) for p in range(n) for q in range(p + 1)]
        two = [
            f"{self.g[p, q, r, s]:.16e} {p + 1} {q + 1} {r + 1} {s + 1}"
            for k, (p, q) in enumerate(pairs)
            for r, s in pairs[: k + 1]
        ]
        one = [f"{self.h[p, q]:.16e} {p + 1} {q + 1} 0 0" for p, q in pairs]
        return two, one, f"{self.core:.16e} 0 0 0 0"

    def written(self, dialect: str, rng: np.random.Generator) -> str:
        two, one, core = self.lines()
        n, electrons, two_sz = self.n, self.n_electrons, self.two_sz
        energies = [f"{k:.3f} {k + 1} 0 0 0" for k in range(n)]
        if dialect == "molpro":
            head = (
                f" &FCI NORB={n:3d},NELEC={electrons:2d},MS2={two_sz:2d},\n  ORBSYM={'1,' * n}\n  ISYM=1,\n /"
            )
            return "\n".join([head, *two, *one, *energies, core])
        if dialect == "pyscf":
            head = (
                f" &FCI NORB={n:4d},NELEC={electrons:2d},MS2={two_sz},\n  ORBSYM={'1,' * n}\n  ISYM=1,\n &END"
            )
            repeated = [line for line in two if rng.random() < 0.3]  # fourfold symmetry repeats
            turned = [" ".join((v, r, s, p, q)) for v, p, q, r, s in map(str.split, repeated)]
            return "\n".join([head, *two, *turned, *one, core, ""])
        if dialect == "psi4":
            head = (
                f"&FCI\nNORB={n},\nNELEC={electrons},\nMS2={two_sz},\nUHF=.FALSE.,\nORBSYM={'1,' * n}\n"
                "ISYM=0,\n&END"
            )
            return "\n".join([head, *two, *one, *energies, core])
        head = f"! made by hand\n $FCI NORB={n} NELEC={electrons} MS2={two_sz}, NPROP=1 1 1, UHF=F\n $END"
        body = [*two, *one, core, "0.0 1 1 1 1" if self.g[0, 0, 0, 0] == 0 else "! no more"]
        rng.shuffle(body)
        return "\n".join([head, *(line.replace("e", "D") for line in body[:-1]), body[-1].replace("e", "E")])


def exact(text: str) -> float:
    arguments: exact_diagonalization.Arguments = {
        "hamiltonian": {"fcidump": text},
        "k": 1,
        "n_electrons": None,
        "two_sz": None,
        "sector": "declared",
    }
    return exact_diagonalization.run(arguments, 0, lambda: None)["eigenvalues"][0]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(seed=st.integers(0, 2**32 - 1), electrons=st.integers(1, 5))
@settings(max_examples=4, deadline=None)
def test_every_dialect_has_the_energy_of_its_integrals(dialect: str, seed: int, electrons: int) -> None:
    molecule = Molecule(seed, 3, electrons)
    text = molecule.written(dialect, np.random.default_rng(seed))
    assert exact(text) == pytest.approx(molecule.ground_energy(), abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), order=st.permutations(range(4)), electrons=st.integers(1, 7))
@settings(max_examples=10, deadline=None)
def test_the_order_of_orbitals_changes_neither_reference_nor_energy(
    seed: int, order: list[int], electrons: int
) -> None:
    molecule = Molecule(seed, 4, electrons)
    rng = np.random.default_rng(seed)
    texts = [one.written("molpro", rng) for one in (molecule, molecule.permuted(order))]
    first, second = (hamiltonian({"fcidump": text}) for text in texts)
    assert first.e_hf == pytest.approx(second.e_hf, abs=1e-9)
    assert exact(texts[0]) == pytest.approx(exact(texts[1]), abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), cut=st.floats(0.0, 1.0))
@settings(max_examples=40, deadline=None)
def test_a_file_cut_short_is_never_read_without_a_word(seed: int, cut: float) -> None:
    text = Molecule(seed).written("pyscf", np.random.default_rng(seed)).rstrip()
    core = text.rindex("\n")
    try:
        found = read_integrals(text[: int(cut * core)])
    except FcidumpError:
        return
    assert found.warnings


HEAD = "&FCI NORB=2,NELEC=2,MS2=0 /\n"
WHOLE = "0.5 1 1 1 1\n0.4 2 2 2 2\n0.3 2 2 1 1\n0.1 2 1 2 1\n-1.0 1 1 0 0\n-0.5 2 2 0 0\n0.7 0 0 0 0\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", None, "empty"),
        ("NORB=2", 1, "must begin with a header"),
        ("&FCI NORB=2,NELEC=2\n 1.0 1 1 0 0\n", 2, "no end"),
        ("&FCI NELEC=2 /", None, "lacks NORB"),
        ("&FCI NORB=2 /", None, "lacks NELEC"),
        ("&FCI NORB=x,NELEC=2 /", None, "NORB must be an integer"),
        ("&FCI NORB=2,NELEC=5 /", None, "between 0 and 2 NORB"),
        ("&FCI NORB=2,NELEC=2,MS2=1 /", None, "MS2 = 1 is impossible"),
        ("&FCI NORB=2,NELEC=4,MS2=2 /", None, "MS2 = 2 is impossible"),
        ("&FCI NORB=2,NELC=2,MS2=0 /", None, "lacks NELEC"),
        ("&FCI NORB=2,NELEC=2,UHF=.TRUE. /", None, "unrestricted"),
        ("&FCI NORB=2,NELEC=2,IUHF=1 /", None, "unrestricted"),
        ("&FCI NORB=2,NELEC=2,TREL=.TRUE. /", None, "complex"),
        ("&FCI NORB=2,NELEC=2,ORBSYM=1,1,1 /", None, "ORBSYM has 3 entries"),
        ("&FCI NORB=2,NELEC=2,NELEC=4 /", None, "NELEC twice"),
        (HEAD + "(1.0,0.0) 1 1 0 0", 2, "complex"),
        (HEAD + "nan 1 1 0 0", 2, "finite"),
        (HEAD + "1.0 1 1 0", 2, "cut short"),
        (HEAD + "1.0 0.0 1 1 0 0", 2, "four orbitals"),
        (HEAD + "1.0 3 1 0 0", 2, "between 0 and NORB = 2"),
        (HEAD + "1.0 0 1 0 0", 2, "name no integral"),
        (HEAD + "1.0 1 2 0 0\n2.0 2 1 0 0", 3, "was 1.0 before"),
        (HEAD + WHOLE + "-1.0 0 0 0 0", 9, "core energy was 0.7 before"),
        (HEAD + "0.5 1 1 1 1\n0.4 2 2 2 2\n", None, "cut short"),
        (HEAD + "0.5 1 1 1 1\n0.4 2 2 2 2\n-1.0 1 1 0 0\n", None, "cut short"),
        (HEAD + "0.7 0 0 0 0\n-1 1 1 0 0\n-1 2 2 0 0\n0.5 1 1 1 1\n0.3 2 1 1 1", None, "cut short"),
    ],
)
def test_what_is_no_whole_file_is_refused_with_its_line(text: str, line: int | None, said: str) -> None:
    with pytest.raises(FcidumpError, match=said) as refused:
        read_integrals(text)
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + WHOLE.replace("0.7 0 0 0 0\n", ""), "no core energy"),
        (HEAD.replace(",MS2=0", "") + WHOLE, "no MS2"),
        (HEAD.replace(" /", ",MYKEY=3 /") + WHOLE, "MYKEY"),
        (HEAD.replace(" /", ",ORBSYM=1,2 /") + WHOLE + "0.2 2 1 0 0\n", "ORBSYM contradicts"),
    ],
)
def test_doubts_are_warnings(text: str, said: str) -> None:
    assert said in " ".join(read_integrals(text).warnings)


def test_exponents_of_three_digits_have_no_letter_in_fortran() -> None:
    two, one, core = Molecule(1).lines()
    head = "&FCI NORB=3,NELEC=3,MS2=1 &END"
    read = read_integrals(
        "\n".join([head, *two[1:], "0.25-103 1 1 1 1", *one, core.replace("e+00", "E+000")])
    )
    assert read.two_body[0, 0, 0, 0] == 0.25e-103
    with pytest.raises(FcidumpError, match="a number and four orbitals"):
        read_integrals("\n".join([head, *two[1:], "0.25-3 1 1 1 1", *one, core]))


def test_zeros_between_blocks_are_told_to_be_those_of_unrestricted_orbitals() -> None:
    two, one, core = Molecule(1).lines()
    blocks = [*two, "0.0 0 0 0 0", *two, "0.0 0 0 0 0", *one, "0.0 0 0 0 0", *one, core]
    with pytest.raises(FcidumpError) as refused:
        read_integrals("\n".join(["&FCI NORB=3,NELEC=3,MS2=1 &END", *blocks]))
    assert "core energy" in refused.value.rule and "unrestricted" in (refused.value.hint or "")


def test_a_whole_file_has_no_warnings() -> None:
    assert read_integrals(HEAD + WHOLE + WHOLE).warnings == []


PI = "&FCI NORB=4,NELEC=4,MS2={ms2},ORBSYM=1,1,3,4,ISYM={isym}{more} /\n"
BODY = "-9 1 1 0 0\n1 2 2 0 0\n-2 3 3 0 0\n-2 4 4 0 0\n0.1 2 1 0 0\n0 0 0 0 0\n" + "".join(
    f"{0.5 if p == q else 0.3} {p} {p} {q} {q}\n" + (f"0.05 {p} {q} {p} {q}\n" if p > q else "")
    for p in range(1, 5)
    for q in range(1, p + 1)
)


@pytest.mark.parametrize(
    ("header", "beside", "reference", "said"),
    [
        ({"ms2": 2, "isym": 4}, {}, "11001010", ""),  # Molpro's number of the irrep that ORBSYM calls 2
        ({"ms2": 2, "isym": 2}, {}, "11001010", ""),
        ({"ms2": 2, "isym": 1}, {}, "11001010", "PySCF"),
        ({"ms2": 2, "isym": 0}, {}, "11001010", ""),
        ({"ms2": 2, "isym": 3}, {}, "11101000", "lowest of ISYM"),
        ({"ms2": 2, "isym": 3, "more": ",OCC=1,0,1,1,CLOSED=1"}, {}, "11001010", ""),
        ({"ms2": 2, "isym": 3, "more": ",OCC=2,0,1,0,CLOSED=1"}, {}, "11101000", "OCC and CLOSED has"),
        ({"ms2": 2, "isym": 4, "more": ",OCC=2,0,1,1,CLOSED=1"}, {}, "11001010", "not used"),
        ({"ms2": 2, "isym": 4}, {"occupation": "11100010"}, "11100010", "lies lower"),
        ({"ms2": 2, "isym": 4}, {"occupation": [2, 1, 0, 1]}, "11100010", "lies lower"),
        ({"ms2": 0, "isym": 1}, {}, "11001100", "lowest of ISYM"),
        ({"ms2": 2, "isym": 4, "more": ",CLOSED=1"}, {}, "11001010", "CLOSED without OCC"),
    ],
)
def test_the_reference_is_what_the_file_and_the_job_tell(
    header: dict[str, Any], beside: dict[str, Any], reference: str, said: str
) -> None:
    text = PI.format(**{"more": "", **header}) + BODY
    found = hamiltonian({"fcidump": text, **beside})
    assert found.reference == reference
    assert said in " ".join(found.doubts) and bool(said) == bool(found.doubts)


@pytest.mark.parametrize(("isym", "said"), [(0, ""), (1, ""), (4, "ISYM is 4"), (12, "ISYM is 12")])
@pytest.mark.parametrize("orbsym", ["0,0,10,11", "1,1,1,1", "1,2,1,1"])  # D_inf_h, none, contradicting
def test_an_irrep_that_cannot_be_told_is_not_dropped_in_silence(orbsym: str, isym: int, said: str) -> None:
    header = PI.format(ms2=2, isym=isym, more="").replace("1,1,3,4", orbsym)
    found = hamiltonian({"fcidump": header + BODY})
    assert found.reference == "11001010"
    assert said in " ".join(found.doubts) and bool(said) == bool(found.doubts)


def test_orbital_energies_choose_among_degenerate_determinants() -> None:
    text = PI.format(ms2=0, isym=0, more="").replace("NELEC=4", "NELEC=3").replace("MS2=0", "MS2=1") + BODY
    assert hamiltonian({"fcidump": text}).reference == "11001000"
    energies = "-9 1 0 0 0\n1 2 0 0 0\n-1 3 0 0 0\n-1.5 4 0 0 0\n"
    assert hamiltonian({"fcidump": text + energies}).reference == "11000010"


WRITTEN = Path(__file__).parents[4] / "data" / "fcidump"
ENERGIES = json.loads((WRITTEN / "energies.json").read_text())


@pytest.mark.parametrize("name", ENERGIES)
def test_files_of_pyscf_have_its_open_shell_and_exact_energies(name: str) -> None:
    text = (WRITTEN / f"{name}.fcidump").read_text()
    assert hamiltonian({"fcidump": text}).e_hf == pytest.approx(ENERGIES[name]["e_hf"], abs=1e-8)
    assert exact(text) == pytest.approx(ENERGIES[name]["e_fci"], abs=1e-8)
