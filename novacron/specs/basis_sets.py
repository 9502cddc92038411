"""Gaussian basis sets for molecules: their names, and the number of functions of each element.

Spherical d and f functions. Sources: the tables of PySCF 2.14, which are those of the Basis Set Exchange
(Pritchard et al., J. Chem. Inf. Model. 59, 4814 (2019)).
"""

ELEMENTS = (
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar",
    "K", "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr",
)  # fmt: skip
"""Symbols by atomic number, from 1."""

FUNCTIONS: dict[str, tuple[tuple[int, int], ...]] = {
    "sto-3g": ((2, 1), (8, 5), (8, 9), (2, 13), (16, 18)),
    "sto-6g": ((2, 1), (8, 5), (8, 9), (2, 13), (16, 18)),
    "3-21g": ((2, 2), (8, 9), (8, 13), (2, 17), (10, 27), (6, 22)),
    "6-31g": ((2, 2), (8, 9), (8, 13), (2, 17), (10, 27)),
    "6-31g*": ((2, 2), (8, 14), (8, 18), (2, 22), (10, 34), (6, 32)),
    "6-31g**": ((2, 5), (8, 14), (8, 18), (2, 22), (10, 34)),
    "6-31+g*": ((2, 2), (8, 18), (8, 22), (2, 26)),
    "6-311g": ((2, 3), (8, 13), (8, 21), (2, 34), (10, 0), (6, 39)),
    "6-311g**": ((2, 6), (8, 18), (8, 26), (2, 39), (10, 0), (6, 44)),
    "cc-pvdz": ((2, 5), (8, 14), (8, 18), (1, 0), (1, 27), (10, 43), (6, 27)),
    "cc-pvtz": ((2, 14), (8, 30), (8, 34), (1, 0), (1, 43), (10, 68), (6, 43)),
    "aug-cc-pvdz": ((2, 9), (8, 23), (8, 27), (2, 0), (10, 59), (6, 36)),
    "def2-svp": ((2, 5), (2, 9), (6, 14), (1, 15), (7, 18), (2, 24), (10, 31), (6, 32)),
    "def2-tzvp": (
        (2, 6), (1, 14), (1, 19), (6, 31), (2, 32), (6, 37), (1, 33), (1, 36), (9, 45), (7, 48),
    ),
}  # fmt: skip
"""Functions of the elements from hydrogen on, in runs: (elements, functions of each); 0 for none."""


def n_functions(basis: str, element: str) -> int:
    """Return the number of functions of an element in a basis; 0 if the basis has none for it."""
    left = ELEMENTS.index(element)
    for length, functions in FUNCTIONS[basis]:
        if left < length:
            return functions
        left -= length
    return 0
