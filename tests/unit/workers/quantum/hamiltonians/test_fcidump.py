import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from testing.specs import hamiltonian
from workers.quantum.hamiltonians.jordan_wigner import Ladders, jordan_wigner

H2 = json.loads((Path(__file__).parents[4] / "data" / "hamiltonians" / "h2_sto3g_0.7414.json").read_text())


def h2_integrals() -> dict[str, float]:
    """The integrals of H2 from its Pauli coefficients, by the closed form of the four-qubit Hamiltonian."""
    c = dict(map(tuple, H2["terms"]))
    direct = {"11": 4 * c["ZZII"], "22": 4 * c["IIZZ"], "12": 4 * c["ZIIZ"]}
    exchange = 4 * (c["ZIIZ"] - c["ZIZI"])
    # Coefficient of Z on an orbital: -h/2 - J_same/4 - (2 J_other - K)/4.
    other = 2 * direct["12"] - exchange
    h1 = -2 * c["ZIII"] - direct["11"] / 2 - other / 2
    h2 = -2 * c["IIZI"] - direct["22"] / 2 - other / 2
    return {
        "h1": h1,
        "h2": h2,
        "j11": direct["11"],
        "j22": direct["22"],
        "j12": direct["12"],
        "k12": exchange,
    }


def h2_file(header: str = " &FCI NORB=2,NELEC=2,MS2=0,\n  ORBSYM=1,5,\n  ISYM=1,\n &END") -> str:
    i = h2_integrals()
    return f"""{header}
 {i["j11"]:.17g} 1 1 1 1
 {i["k12"]:.17g} 2 1 2 1
 {i["j12"]:.17g} 2 2 1 1
 {i["j22"]:.17g} 2 2 2 2
 {i["h1"]:.17g} 1 1 0 0
 {i["h2"]:.17g} 2 2 0 0
 -0.578 1 0 0 0
 {H2["nuclear_repulsion"]:.17g} 0 0 0 0
"""


def check_h2(built: Any) -> None:
    assert built.reference == "1100" and built.n_electrons == 2
    assert built.e_hf == pytest.approx(H2["e_hf"], abs=1e-10)
    found, expected = dict(built.operator.terms()), dict(map(tuple, H2["terms"]))
    assert set(found) == set(expected)
    for letters, coefficient in expected.items():
        assert found[letters] == pytest.approx(coefficient, abs=1e-10)
    matrix = built.operator.apply(np.eye(16, dtype=complex))
    assert np.linalg.eigvalsh(matrix)[0] == pytest.approx(H2["e_fci"], abs=1e-10)


def test_h2_gives_the_reference_sum_and_energies() -> None:
    check_h2(hamiltonian({"fcidump": h2_file()}))


@pytest.mark.parametrize(
    "header",
    [
        "&fci norb= 2, nelec = 2 ms2=0 uhf=.false. /",
        "\n &FCI NORB=2,NELEC=2,\n ORBSYM=1,5,ISYM=1\n/",
        "$FCI NORB=2 NELEC=2 $END",
        "! H2\n# of our own\n &FCI NORB=2,NELEC=2, ! two\n ORBSYM=2*1,\n ISYM=0,NPROP=1,1,1\n &END",
    ],
)
def test_headers_in_other_styles_are_read(header: str) -> None:
    check_h2(hamiltonian({"fcidump": h2_file(header)}))


def test_open_shells_follow_ms2() -> None:
    text = "&FCI NORB=3,NELEC=3,MS2=1 /\n1.0 1 1 0 0\n1.0 2 2 0 0\n1.0 3 3 0 0\n0.0 0 0 0 0\n"
    assert hamiltonian({"fcidump": text}).reference == "111000"


def test_a_bad_file_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput, match="line 3: orbitals must be between 0 and NORB = 2"):
        hamiltonian({"fcidump": "&FCI NORB=2,NELEC=2 /\n\n1.0 3 1 0 0\n"})


@given(text=st.text(max_size=80), body=st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str, body: str) -> None:
    for candidate in (text, f"&FCI NORB=2,NELEC=2 /\n{body}"):
        try:
            assert hamiltonian({"fcidump": candidate}).n_qubits >= 2
        except BadInput as error:
            assert "fcidump" in str(error)


@given(seed=st.integers(0, 2**32 - 1))
def test_jordan_wigner_matches_dense_ladder_operators(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3
    lower = np.array([[0, 1], [0, 0]])
    dense: list[Any] = []
    for mode in range(n):
        factors = [np.diag([1, -1])] * mode + [lower] + [np.eye(2)] * (n - mode - 1)
        product: Any = np.eye(1)
        for factor in factors:
            product = np.kron(product, factor)
        dense.append(product)
    modes = rng.integers(0, n, size=(4, 4))
    values = rng.normal(size=4)
    forward = Ladders((True, True, False, False), modes, values)
    backward = Ladders((True, True, False, False), modes[:, ::-1].copy(), values)
    expected = 0.5 * np.eye(8)
    for (a, b, c, d), value in zip(modes.tolist(), values.tolist(), strict=True):
        term = value * dense[a].T @ dense[b].T @ dense[c] @ dense[d]
        expected = expected + term + term.T
    found = jordan_wigner(n, 0.5, [forward, backward]).apply(np.eye(8, dtype=complex))
    np.testing.assert_allclose(found, expected, atol=1e-11)
