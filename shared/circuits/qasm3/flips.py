"""X with any number of controls, without ancillas, from H, phases and CX; 8 n^2 CX for n controls.

Source: a multi-controlled phase is a controlled rotation and a phase with one control fewer (Barenco et al.,
Phys. Rev. A 52, 3457 (1995), lemma 7.5); the rotation is cut into four by flips that each see half of the
controls (Vale et al., IEEE TCAD 43, 802 (2024)), to which the other half lends its qubits in any state, as
in Iten et al., Phys. Rev. A 93, 032318 (2016), lemma 8.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

from shared.circuits.instruction import Gate

_DIRECT = 3
"""Up to so many controls, the phases of all parities take the fewest CX: 6 with two, 14 with three."""


@lru_cache(maxsize=32)
def flip(n_controls: int) -> tuple[Gate, ...]:
    """Return X on qubit n, controlled by qubits 0 to n-1."""
    target = n_controls
    return (
        Gate("h", (target,)),
        *_phase(math.pi, range(n_controls + 1)),
        Gate("h", (target,)),
    )


def _phase(angle: float, qubits: Sequence[int]) -> Iterator[Gate]:
    """Apply a phase to the state in which all of the qubits are 1."""
    if len(qubits) <= _DIRECT + 1:
        yield from _phase_of_parities(angle, qubits)
        return
    *controls, target = qubits
    half = len(controls) // 2
    for place, sign in enumerate((1, -1, 1, -1)):
        yield Gate("p", (target,), (sign * angle / 4,))
        one, other = (controls[half:], controls[:half])[:: -1 if place % 2 else 1]
        yield from _lent(one, target, other)
    yield from _phase(angle / 2, controls)


def _phase_of_parities(angle: float, qubits: Sequence[int]) -> Iterator[Gate]:
    """Apply the phase as a sum over the parities of all subsets, in the order of a Gray code."""
    share = angle / 2 ** (len(qubits) - 1)
    for n_before, qubit in enumerate(qubits):
        yield Gate("p", (qubit,), (share,))
        for step in range(1, 1 << n_before):
            changed = (step & -step).bit_length() - 1
            others = (step ^ step >> 1).bit_count()
            yield Gate("cx", (qubits[changed], qubit))
            yield Gate("p", (qubit,), (-share if others % 2 else share,))
        if n_before:
            yield Gate("cx", (qubits[n_before - 1], qubit))


def _lent(controls: Sequence[int], target: int, lent: Sequence[int]) -> Iterator[Gate]:
    """Flip the target if all controls are 1, by qubits in any state, which are left in that state."""
    if len(controls) <= _DIRECT:
        yield from _direct(controls, target)
        return
    *inner, last = controls
    chain = list(_chain(inner, lent[: len(inner) - 1]))
    top = lent[len(inner) - 2]
    yield from _direct((last, top), target)
    yield from chain
    yield from _direct((last, top), target)
    yield from _undone(chain)


def _direct(controls: Sequence[int], target: int) -> Iterator[Gate]:
    if len(controls) == 1:
        yield Gate("cx", (*controls, target))
        return
    yield Gate("h", (target,))
    yield from _phase_of_parities(math.pi, (*controls, target))
    yield Gate("h", (target,))


def _chain(controls: Sequence[int], lent: Sequence[int]) -> list[Gate]:
    """Flip the last lent qubit if all controls are 1, and others; with phases of what it does not flip."""
    *controls_before, control = controls
    *lent_before, qubit = lent
    below = Gate("cx", (lent_before[-1] if lent_before else controls_before[0], qubit))
    frame = [
        Gate("h", (qubit,)), Gate("p", (qubit,), (math.pi / 4,)), Gate("cx", (control, qubit)),
        Gate("p", (qubit,), (-math.pi / 4,)),
    ]  # fmt: skip
    core = [below, *_chain(controls_before, lent_before), below] if lent_before else [below]
    return [*frame, *core, *_undone(frame)]


def _undone(gates: Sequence[Gate]) -> Iterator[Gate]:
    for gate in reversed(gates):
        yield Gate(gate.name, gate.qubits, tuple(-angle for angle in gate.params if isinstance(angle, float)))
