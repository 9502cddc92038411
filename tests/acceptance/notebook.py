"""A program as users write them: an optimizer of their own, whose objective is a call of a session.

Arguments: the file to which every value is written, as hexadecimal floats; the number of calls.
"""

import sys

import numpy as np
from scipy.optimize import minimize

from novacron import Client

BELL = """OPENQASM 3.0; include "stdgates.inc"; input float a; input float b; qubit[2] q;
ry(a) q[0]; cx q[0], q[1]; rz(b) q[1]; ry(b) q[0];"""
HAMILTONIAN = {"terms": [["ZZ", 1.0], ["XI", 0.5], ["IX", 0.5]]}


def main(path: str, n_calls: int) -> None:
    """Minimize the energy of a circuit in `n_calls` calls."""
    with Client() as client, client.session("notebook") as session, open(path, "a") as told:

        def energy(point: np.ndarray) -> float:
            call = {"kind": "pure_quantum", "circuit": {"qasm": BELL}, "points": point.tolist()}
            value = float(session.run(call | {"observables": [HAMILTONIAN]}).expectations[0])
            told.write(value.hex() + "\n")
            told.flush()
            return value

        minimize(
            energy, [0.3, 0.4], method="Nelder-Mead",
            options={"maxfev": n_calls, "fatol": 0, "xatol": 0, "maxiter": n_calls},
        )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
