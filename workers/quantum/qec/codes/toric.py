"""Memory circuits of the toric code.

One kind of error and of stabilizer is simulated: both kinds are independent under this noise and alike.
"""

from __future__ import annotations

import stim

from novacron.codes.toric import toric
from novacron.specs.qec_point import Point
from workers.quantum.qec.codes.targets import product, records


def phenomenological(point: Point) -> stim.Circuit:
    """Return the memory circuit under phenomenological noise, [[2 L^2, 2, L]].

    Each round flips every data qubit with probability p, then measures every stabilizer as a whole, with an
    outcome that is wrong with probability p. The first and the last state are prepared and read without
    error, so one round is code capacity.
    """
    code, basis = toric(point.distance), point.basis.upper()
    n_data, size = code.n, point.distance
    checks = [one.qubits for one in code.stabilizers if one.pauli == basis]
    reset, flip, measure = ("R", "X_ERROR", "M") if basis == "Z" else ("RX", "Z_ERROR", "MX")
    circuit = stim.Circuit()
    circuit.append(reset, range(n_data))
    for time in range(point.rounds):
        circuit.append(flip, range(n_data), point.p)
        for edges in checks:
            circuit.append("MPP", product(basis, edges), point.p)
        for number in range(len(checks)):
            now = number - len(checks)
            before = [now - len(checks)] if time else []
            circuit.append("DETECTOR", records([now, *before]), (*divmod(number, size), time))
    circuit.append(measure, range(n_data))
    for number, edges in enumerate(checks):
        compared = [number - len(checks) - n_data, *(edge - n_data for edge in edges)]
        circuit.append("DETECTOR", records(compared), (*divmod(number, size), point.rounds))
    for index, edges in enumerate(one.qubits for one in code.logicals if one.pauli == basis):
        circuit.append("OBSERVABLE_INCLUDE", records([edge - n_data for edge in edges]), index)
    return circuit
