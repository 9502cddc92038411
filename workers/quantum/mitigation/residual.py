"""Errors that no method corrects, estimated from the noise model of the backend."""

from __future__ import annotations

from math import exp, log

import numpy as np

from shared.circuits.instruction import Gate, Unitary
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.measurement import Observables
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.ir.transfer import transfer
from workers.quantum.simulation.noise.channel import Channel

LEAST = 1e-9


def survival(isa: Isa, *, pairs: bool = True) -> float:
    """Return the part of a Pauli string's value that the errors of the gates leave at least.

    A channel of transfer matrix R changes the value by at most 1 - R[P, P] + |R[P, I]|: the attenuation, and
    the shift of channels such as relaxation.

    Args:
        isa: the circuit.
        pairs: whether two-qubit gates count, whose errors an extrapolation corrects.
    """
    if isa.noise is None:
        return 1.0
    total = 0.0
    for item in isa.record.instructions:
        if isinstance(item, Gate | Unitary) and (pairs or len(item.qubits) != 2):
            for struck in isa.noise.after(item, 1.0):
                total += log(max(LEAST, 1.0 - _change(struck.channel)))
    return exp(total)


def _change(channel: Channel) -> float:
    """Return the greatest change of the value of a Pauli string by a channel."""
    matrix = transfer(channel.kraus)
    return float(np.max(1.0 - np.diag(matrix)[1:] + np.abs(matrix[1:, 0])))


def contrasts(isa: Isa) -> Float:
    """Return float64[n_letters], 1 - p(1|0) - p(0|1) of each letter's qubit."""
    found = np.ones(isa.n_letters)
    for letter, site in enumerate(isa.sites):
        matrix = None if isa.noise is None else isa.noise.readout(site)
        if matrix is not None:
            found[letter] = 1.0 - matrix[0, 1] - matrix[1, 0]
    return found


def unread(isa: Isa, observables: Observables, means: Float) -> Float:
    """Return float64[n_rows], bound of the error by readout of the terms' means float64[n_terms]."""
    each = contrasts(isa)
    attenuations = np.array([
        np.prod([c for c, letter in zip(each, letters, strict=True) if letter != "I"])
        for letters in observables.strings
    ])  # fmt: skip
    found: Float = np.abs(observables.coefficients) @ (np.abs(means) * (1.0 - attenuations))
    return found
