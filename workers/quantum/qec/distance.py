"""The distance of a circuit: the fewest faults that flip an observable without a detection event."""

from __future__ import annotations

from contextlib import suppress

import stim

MOST_DETECTORS = 4000
"""Detectors up to which edges are searched, which takes seconds on a torus."""
MOST_ON_A_PLANE = 30_000
"""The same with boundaries: a fifth of a second."""
MOST_OF_HYPEREDGES = 300
"""The same where faults flip more than two detectors: about a second."""
EXPLORED = 4
"""Largest number of detectors of a fault, and of a set of faults, that the search for hyperedges follows."""


def of(circuit: stim.Circuit, model: stim.DetectorErrorModel, *, plane: bool = False) -> int | None:
    """Search the distance of a circuit.

    Faults that are edges, or decompose into edges, are searched exhaustively. Hyperedges are searched within
    bounds, so that the number found is an upper bound.

    Args:
        circuit: with noise.
        model: its detector error model, decomposed into edges if possible. A search in it takes a hundredth
            of one in the circuit, which identifies the instructions, too.
        plane: whether it stores one logical qubit of a code with boundaries.

    Returns:
        The distance; None if no such faults are found, or where the search takes long.
    """
    n = circuit.num_detectors
    if n > (MOST_ON_A_PLANE if plane else MOST_DETECTORS):
        return None
    with suppress(ValueError):  # a hyperedge, or nothing is found
        return len(model.shortest_graphlike_error(ignore_ungraphlike_errors=False))
    with suppress(ValueError):
        if n <= MOST_OF_HYPEREDGES:
            found = circuit.search_for_undetectable_logical_errors(
                dont_explore_detection_event_sets_with_size_above=EXPLORED,
                dont_explore_edges_with_degree_above=EXPLORED,
                dont_explore_edges_increasing_symptom_degree=False,
            )
            return len(found)
    return None
