"""Loops over the basis states reachable by chains of excitations.

Common arrays, with m reached states:
    table: int64[moves, 4], rows of `workers.quantum.simulation.ir.excitation.Move`.
    basis: int64[m], the reached basis indices.
    position: int32[2^n], the number of each basis state, -1 if it is not reached.
"""

from __future__ import annotations

import numpy as np

from workers.quantum.simulation.cpu.jit import compiled
from workers.quantum.simulation.cpu.reached import Numbers
from workers.quantum.simulation.ir.excitation import Indices
from workers.quantum.simulation.ir.program import Float


@compiled
def _parity(bits: int) -> int:
    bits ^= bits >> 32
    bits ^= bits >> 16
    bits ^= bits >> 8
    bits ^= bits >> 4
    return (0x6996 >> (bits & 15)) & 1


@compiled
def reach(initial: int, table: Indices, position: Numbers, found: Indices) -> int:
    """Fill `found`, mark its states in `position`, and return their number."""
    found[0], position[initial] = initial, 0
    done, count = 0, 1
    while done < count:
        state = found[done]
        done += 1
        for kind in range(len(table)):
            sources, both = table[kind, 0], table[kind, 1]
            occupied, moved = state & both, state ^ both
            if (occupied == sources or occupied == both ^ sources) and position[moved] < 0:
                found[count], position[moved] = moved, count
                count += 1
    return count


@compiled
def pair_starts(table: Indices, basis: Indices) -> Indices:
    """Return the start of each move's pairs, int64[moves + 1]."""
    starts = np.zeros(len(table) + 1, np.int64)
    for kind in range(len(table)):
        sources, both = table[kind, 0], table[kind, 1]
        count = 0
        for state in basis:
            count += (state & both) == sources
        starts[kind + 1] = starts[kind] + count
    return starts


@compiled
def fill_pairs(
    table: Indices, basis: Indices, position: Numbers, starts: Indices, first: Numbers, second: Numbers
) -> None:
    """Fill in the numbers of the states that each move rotates into each other."""
    for kind in range(len(table)):
        sources, both, string, odd = table[kind]
        place = starts[kind]
        for number, state in enumerate(basis):
            if state & both == sources:
                partner = position[state ^ both]
                negative = _parity(state & string) != odd
                first[place] = partner if negative else number
                second[place] = number if negative else partner
                place += 1


@compiled
def row_starts(flips: Indices, basis: Indices, position: Numbers) -> Indices:
    """Return the start of each row's entries, int64[m + 1]."""
    starts = np.zeros(len(basis) + 1, np.int64)
    for row, state in enumerate(basis):
        count = 0
        for flip in flips:
            count += position[state ^ flip] >= 0
        starts[row + 1] = starts[row] + count
    return starts


@compiled
def fill_rows(
    flips: Indices,
    terms: Indices,
    z_masks: Indices,
    signed: Float,
    basis: Indices,
    position: Numbers,
    columns: Numbers,
    values: Float,
) -> None:
    """Fill each row's entries, in the order of flips; terms: int64[flips + 1], start of each flip's terms."""
    place = 0
    for state in basis:
        for group, flip in enumerate(flips):
            column = position[state ^ flip]
            if column >= 0:
                total = 0.0
                for term in range(terms[group], terms[group + 1]):
                    total += signed[term] * (1 - 2 * _parity(state & z_masks[term]))
                columns[place], values[place] = column, total
                place += 1
