"""One trial of the router in machine code: inserts SWAPs until every two-qubit gate acts on coupled qubits.

The search is that of SABRE (Li, Ding, Xie, ASPLOS 2019, arXiv:1809.02573) with three changes: gates that
commute on a wire have no order there; a SWAP costs what it adds to the two-qubit block it is merged with;
the distances of the front gates enter through a concave function, so that a gate about to become executable
counts more.

Numba checks the file of a cached function, not of those it calls: all functions of a trial are in this file.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from workers.quantum.simulation.cpu.jit import compiled, inner

# Classes of a two-qubit block by the CX gates that it takes (Vatan and Williams, Phys. Rev. A 69, 032315
# (2004)).
EMPTY, CX, CPHASE, GENERIC, SWAP, CX_SWAP, CPHASE_SWAP, TWO_CX = range(8)
BLOCK_COST = np.array([0, 1, 2, 3, 3, 2, 3, 2])
"""CX gates of each class, at most."""
MERGED = np.array([
    [SWAP, CX, CPHASE, GENERIC],
    [CX_SWAP, TWO_CX, GENERIC, GENERIC],
    [CPHASE_SWAP, GENERIC, GENERIC, GENERIC],
    [GENERIC, GENERIC, GENERIC, GENERIC],
    [EMPTY, CX_SWAP, CPHASE_SWAP, GENERIC],
    [CX, GENERIC, GENERIC, GENERIC],
    [CPHASE, GENERIC, GENERIC, GENERIC],
    [GENERIC, GENERIC, GENERIC, GENERIC],
])  # fmt: skip
"""Class of a block followed by a SWAP (column 0), or by a gate of 1, 2 or 3 CX."""
BY_SWAP = 0
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""Odd multiplier that spreads seeds."""

GATE_ACTION, SWAP_ACTION = 0, 1
FAR = 64
"""Distances of the concave function; larger ones are treated like the largest."""
PATIENCE = 40
"""SWAPs without an executed gate, after which the nearest pair is moved together."""

HEAD, TAIL, N_FRONT, N_ACTIONS, FIRST, IDLE_SWAPS, WORK, LAST_P, LAST_Q = range(9)
"""Places in `State.numbers`: ends of the queue; gates in front; actions; first gate not executed; SWAPs
since the last executed gate; elementary steps; qubits of the last SWAP.
"""


class Weights(NamedTuple):
    """Parameters of a trial.

    Attributes:
        concavity: ratio of the geometric series of the front distances; 1 is linear.
        ahead_weight: weight of the gates after the front.
        n_ahead: their number.
        swap_weight: weight of the CX gates that a SWAP adds.
        noise: amplitude of the random part of a score.
        decay: increase of a qubit's weight with each of its SWAPs, until a gate is executed.
    """

    concavity: float
    ahead_weight: float
    n_ahead: int
    swap_weight: float
    noise: float
    decay: float


class State(NamedTuple):
    """A trial: arrays that it changes.

    Attributes:
        layout: int64[n_sites], site of each wire.
        at: int64[n_sites], wire on each site.
        waiting: int64[n_ops], wires on which an operation's set is not reached.
        left: int64[n_sets], operations of a set that are not executed.
        done: bool[n_ops].
        in_front: bool[n_ops].
        queue: operations to be tried, each at most twice.
        front: operations that wait only for their wires to become neighbours.
        mate: int64[n_sites], partner of each site in its latest block.
        block: int64[n_sites], class of that block.
        worn: float64[n_sites], weight by the decay.
        first_of: int64[n_sites], first entry of each wire in the lists of its partners, -1 for none.
        next_of: entry after each entry.
        partner: wire of each entry.
        ahead: whether an entry's gate is after the front.
        shape: float64[FAR], the concave function of a distance.
        actions: int64[capacity, 3].
        numbers: int64[9], see `HEAD`.
        cost: float64[1].
        random: uint64[1], state of the random numbers.
    """

    layout: Any
    at: Any
    waiting: Any
    left: Any
    done: Any
    in_front: Any
    queue: Any
    front: Any
    mate: Any
    block: Any
    worn: Any
    first_of: Any
    next_of: Any
    partner: Any
    ahead: Any
    shape: Any
    actions: Any
    numbers: Any
    cost: Any
    random: Any


@compiled
def route(circuit, coupling, weights, layout, seed, limit, actions):
    """Route a circuit from an initial layout.

    Args:
        circuit: its operations, a `Dependencies`.
        coupling: the device, a `Coupling`.
        weights: parameters of the scores, a `Weights`.
        layout: int64[n_sites], site of each wire; overwritten with the final layout.
        seed: of the noise in the scores.
        limit: cost above which the trial is given up.
        actions: int64[capacity, 3], receives (GATE_ACTION, operation, 0) and (SWAP_ACTION, site, site).

    Returns:
        (number of actions, cost, work): cost is infinite if the trial was given up; work counts elementary
        steps.
    """
    state = _started(circuit, layout, weights.concavity, actions)
    state.random[0] = np.uint64(seed) * GOLDEN + np.uint64(1)
    numbers = state.numbers
    while True:
        if _execute(circuit, coupling, state):
            numbers[IDLE_SWAPS] = 0
            state.worn[:] = 1.0
        if numbers[N_FRONT] == 0:
            return numbers[N_ACTIONS], state.cost[0], numbers[WORK]
        if state.cost[0] > limit or numbers[N_ACTIONS] + len(state.waiting) + 2 > len(actions):
            return numbers[N_ACTIONS], np.inf, numbers[WORK]
        if numbers[IDLE_SWAPS] > PATIENCE:
            p, q = _towards_nearest(circuit, coupling, state)
        else:
            _list_partners(circuit, state, weights.n_ahead)
            p, q = _best_swap(circuit, coupling, state, weights)
        _swap(circuit, coupling, state, p, q, weights.decay)


@inner
def _started(circuit, layout, concavity, actions):
    """Return the state before the first action, with the operations of no dependency in the queue."""
    n_ops, n_sites = len(circuit.coupled), len(layout)
    shape = np.zeros(FAR)
    for d in range(1, FAR):
        shape[d] = d if concavity >= 1.0 else (1.0 - concavity ** (d - 1)) / (1.0 - concavity)
    at = np.empty(n_sites, np.int64)
    for wire in range(n_sites):
        at[layout[wire]] = wire
    waiting = circuit.wire_start[1:] - circuit.wire_start[:-1]
    for wire in range(n_sites):
        s = circuit.first_set[wire]
        if s < circuit.first_set[wire + 1]:
            for j in range(circuit.member_start[s], circuit.member_start[s + 1]):
                waiting[circuit.members[j]] -= 1
    queue = np.empty(2 * n_ops + 1, np.int64)
    numbers = np.zeros(9, np.int64)
    numbers[WORK], numbers[LAST_P], numbers[LAST_Q] = n_ops, -1, -1
    for k in range(n_ops):
        if waiting[k] == 0:
            queue[numbers[TAIL]] = k
            numbers[TAIL] += 1
    return State(
        layout, at, waiting, circuit.member_start[1:] - circuit.member_start[:-1], np.zeros(n_ops, np.bool_),
        np.zeros(n_ops, np.bool_), queue, np.empty(n_ops, np.int64), np.full(n_sites, -1, np.int64),
        np.zeros(n_sites, np.int64), np.ones(n_sites), np.full(n_sites, -1, np.int64),
        np.empty(4 * n_ops + 4, np.int64), np.empty(4 * n_ops + 4, np.int64), np.empty(4 * n_ops + 4,
        np.bool_), shape, actions, numbers, np.zeros(1), np.zeros(1, np.uint64),
    )  # fmt: skip


@inner
def _execute(circuit, coupling, state):
    """Execute what can be executed; return whether a two-qubit gate was."""
    numbers, any_gate = state.numbers, False
    while numbers[HEAD] < numbers[TAIL]:
        k = state.queue[numbers[HEAD]]
        numbers[HEAD] += 1
        begin, end = circuit.wire_start[k], circuit.wire_start[k + 1]
        if circuit.coupled[k] > 0:
            p, q = state.layout[circuit.wires[begin]], state.layout[circuit.wires[begin + 1]]
            if coupling.distance[p, q] != 1:
                state.front[numbers[N_FRONT]] = k
                numbers[N_FRONT] += 1
                state.in_front[k] = True
                continue
            _merge(coupling, state, p, q, circuit.coupled[k])
            any_gate = True
        elif circuit.coupled[k] < 0:
            for j in range(begin, end):
                state.mate[state.layout[circuit.wires[j]]] = -1
        state.done[k] = True
        _act(state, GATE_ACTION, k, 0)
        for j in range(begin, end):
            _release(circuit, state, circuit.wires[j], circuit.set_of[j])
    while numbers[FIRST] < len(state.done) and state.done[numbers[FIRST]]:
        numbers[FIRST] += 1
    return any_gate


@inner
def _release(circuit, state, wire, s):
    """Note one executed operation of a set; the last one makes the wire's next set current."""
    state.left[s] -= 1
    if state.left[s] == 0 and s + 1 < circuit.first_set[wire + 1]:
        for i in range(circuit.member_start[s + 1], circuit.member_start[s + 2]):
            k = circuit.members[i]
            state.waiting[k] -= 1
            if state.waiting[k] == 0:
                state.queue[state.numbers[TAIL]] = k
                state.numbers[TAIL] += 1


@inner
def _merge(coupling, state, p, q, column):
    """Append a gate, or a SWAP, to the block of two sites, and add what it costs."""
    before = state.block[p] if state.mate[p] == q and state.mate[q] == p else EMPTY
    after = MERGED[before, column]
    state.cost[0] += coupling.price[p, q] * (BLOCK_COST[after] - BLOCK_COST[before])
    state.mate[p], state.mate[q] = (q, p) if after != EMPTY else (-1, -1)
    state.block[p], state.block[q] = after, after


@inner
def _act(state, kind, first, second):
    n = state.numbers[N_ACTIONS]
    state.actions[n, 0], state.actions[n, 1], state.actions[n, 2] = kind, first, second
    state.numbers[N_ACTIONS] = n + 1


@inner
def _towards_nearest(circuit, coupling, state):
    """Return a SWAP that brings the nearest pair of the front closer."""
    best, p, goal = len(coupling.degree) + 1, -1, -1
    for i in range(state.numbers[N_FRONT]):
        begin = circuit.wire_start[state.front[i]]
        here, there = state.layout[circuit.wires[begin]], state.layout[circuit.wires[begin + 1]]
        if coupling.distance[here, there] < best:
            best, p, goal = coupling.distance[here, there], here, there
    for i in range(coupling.degree[p]):
        if coupling.distance[coupling.neighbours[p, i], goal] < best:
            return p, coupling.neighbours[p, i]
    return p, coupling.neighbours[p, 0]


@inner
def _list_partners(circuit, state, n_ahead):
    """List for every wire its partners in the gates of the front, and in the first gates after it."""
    state.first_of[:] = -1
    n = 0
    for i in range(state.numbers[N_FRONT]):
        n = _list_gate(circuit, state, state.front[i], False, n)
    found, k = 0, state.numbers[FIRST]
    while k < len(state.done) and found < n_ahead:
        if circuit.coupled[k] > 0 and not state.done[k] and not state.in_front[k]:
            n = _list_gate(circuit, state, k, True, n)
            found += 1
        k += 1
    state.numbers[WORK] += n


@inner
def _list_gate(circuit, state, k, ahead, n):
    a, b = circuit.wires[circuit.wire_start[k]], circuit.wires[circuit.wire_start[k] + 1]
    state.next_of[n], state.partner[n], state.ahead[n], state.first_of[a] = state.first_of[a], b, ahead, n
    n += 1
    state.next_of[n], state.partner[n], state.ahead[n], state.first_of[b] = state.first_of[b], a, ahead, n
    return n + 1


@inner
def _best_swap(circuit, coupling, state, weights):
    """Return the SWAP of the lowest score among those of a wire of the front, but not the last one again."""
    numbers, best = state.numbers, np.inf
    best_p, best_q = numbers[LAST_P], numbers[LAST_Q]
    for i in range(2 * numbers[N_FRONT]):
        wire = circuit.wires[circuit.wire_start[state.front[i // 2]] + i % 2]
        p = state.layout[wire]
        for j in range(coupling.degree[p]):
            q = coupling.neighbours[p, j]
            if (p == numbers[LAST_P] and q == numbers[LAST_Q]) or (
                p == numbers[LAST_Q] and q == numbers[LAST_P]
            ):
                continue
            score = _nearer(coupling, state, weights.ahead_weight, wire, state.at[q], p, q)
            score += _nearer(coupling, state, weights.ahead_weight, state.at[q], wire, q, p)
            before = state.block[p] if state.mate[p] == q and state.mate[q] == p else EMPTY
            added = BLOCK_COST[MERGED[before, BY_SWAP]] - BLOCK_COST[before]
            score += weights.swap_weight * coupling.price[p, q] * added
            worn = max(state.worn[p], state.worn[q])
            score = score * worn if score > 0 else score / worn
            score += weights.noise * _random(state)
            if score < best:
                best, best_p, best_q = score, p, q
    return best_p, best_q


@inner
def _nearer(coupling, state, ahead_weight, wire, other, here, there):
    """Return the change of a wire's distances to its partners if it moves and `other` takes its place."""
    total = 0.0
    entry = state.first_of[wire]
    while entry >= 0:
        state.numbers[WORK] += 1
        if state.partner[entry] != other:
            site = state.layout[state.partner[entry]]
            after, before = coupling.distance[there, site], coupling.distance[here, site]
            if state.ahead[entry]:
                total += ahead_weight * (after - before)
            else:
                total += state.shape[min(FAR - 1, after)] - state.shape[min(FAR - 1, before)]
        entry = state.next_of[entry]
    return total


@inner
def _random(state):
    """Return a random number in [0, 1): xorshift64 (Marsaglia, J. Stat. Softw. 8, 14 (2003))."""
    x = state.random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state.random[0] = x
    return (x >> np.uint64(11)) * 2.0**-53


@inner
def _swap(circuit, coupling, state, p, q, decay):
    """Exchange the wires of two sites, and try the gates of the front that this makes executable."""
    numbers = state.numbers
    _merge(coupling, state, p, q, BY_SWAP)
    _act(state, SWAP_ACTION, p, q)
    a, b = state.at[p], state.at[q]
    state.at[p], state.at[q], state.layout[a], state.layout[b] = b, a, q, p
    state.worn[p] += decay
    state.worn[q] += decay
    numbers[LAST_P], numbers[LAST_Q] = p, q
    numbers[IDLE_SWAPS] += 1
    kept = 0
    for i in range(numbers[N_FRONT]):
        k = state.front[i]
        begin = circuit.wire_start[k]
        here, there = state.layout[circuit.wires[begin]], state.layout[circuit.wires[begin + 1]]
        if coupling.distance[here, there] == 1:
            state.in_front[k] = False
            state.queue[numbers[TAIL]] = k
            numbers[TAIL] += 1
        else:
            state.front[kept] = k
            kept += 1
    numbers[N_FRONT] = kept
