"""Quantities that a backend can compute for a circuit; each backend declares those it supports."""

from enum import StrEnum


class Want(StrEnum):
    """A quantity to compute.

    Attributes:
        EXPECTATIONS: expectation values of observables, exact if the backend supports it.
        ESTIMATES: expectation values from shots of each measurement setting of an observable.
        GRADIENTS: their exact derivatives by the parameters.
        SPREADS: exact variances of observables, <O^2> - <O>^2.
        STATES: amplitudes.
        PROBABILITIES: probabilities of all basis states, as an array.
        SAMPLES: measured basis states, in shot order.
        COUNTS: outcomes of the classical bits, with their counts.
        DISTRIBUTION: exact probabilities of the outcomes.
        PURITY: purity of the final state.
        ENTROPY: entropy of the final state, in bits.
        FIDELITY: fidelity of the final state with that of the gates alone.
    """

    EXPECTATIONS = "expectations"
    ESTIMATES = "estimates"
    GRADIENTS = "gradients"
    SPREADS = "spreads"
    STATES = "states"
    PROBABILITIES = "probabilities"
    SAMPLES = "samples"
    COUNTS = "counts"
    DISTRIBUTION = "distribution"
    PURITY = "purity"
    ENTROPY = "entropy"
    FIDELITY = "fidelity"
