"""What a backend can be asked to tell of a circuit; each backend declares which of it it has."""

from enum import StrEnum


class Want(StrEnum):
    """One thing to tell.

    Attributes:
        EXPECTATIONS: expectation values of observables, exact where the backend can have them so.
        ESTIMATES: expectation values from shots of each setting that reads some of an observable's terms.
        GRADIENTS: their exact derivatives by the parameters.
        STATES: amplitudes.
        PROBABILITIES: those of all basis states, as an array.
        SAMPLES: basis states measured, in the order in which they came.
        COUNTS: outcomes of the classical bits, and how often each came.
        DISTRIBUTION: exact probabilities of the outcomes.
        PURITY: of the final state.
        ENTROPY: of the final state.
        FIDELITY: of the final state with that of the gates alone.
    """

    EXPECTATIONS = "expectations"
    ESTIMATES = "estimates"
    GRADIENTS = "gradients"
    STATES = "states"
    PROBABILITIES = "probabilities"
    SAMPLES = "samples"
    COUNTS = "counts"
    DISTRIBUTION = "distribution"
    PURITY = "purity"
    ENTROPY = "entropy"
    FIDELITY = "fidelity"
