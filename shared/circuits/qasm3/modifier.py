"""The OpenQASM 3 gate modifiers inv, pow and ctrl, applied to sequences of instructions.

Source: OpenQASM 3.0 specification, "Gates", section "Quantum gate modifiers"; controls of rotations by
Barenco et al., Phys. Rev. A 52, 3457 (1995), lemmas 5.1 and 7.5.
"""

import cmath
import math
from collections.abc import Callable, Sequence
from typing import Final

from shared.circuits.gate_matrices import adjoint, controlled
from shared.circuits.gates import MAX_UNITARY_QUBITS
from shared.circuits.instruction import (
    Affine,
    Angle,
    Barrier,
    Gate,
    Unitary,
    UnitaryInstruction,
    added,
    moved,
    scaled,
)
from shared.circuits.limits import Refused
from shared.circuits.matrix import as_unitary, matrix_of, principal_power, product
from shared.circuits.qasm3.flips import flip

_ADJOINT: Final[dict[str, str]] = {
    **{name: name for name in "id x y z h cx cy cz ch swap ecr ccx ccz cswap".split()},
    "s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t", "sx": "sxdg", "sxdg": "sx", "cs": "csdg", "csdg": "cs",
}  # fmt: skip
_ADDITIVE: Final = frozenset("rx ry rz p cp crx cry crz rxx ryy rzz rzx gphase".split())
"""Gates with one angle, for which a power multiplies the angle."""

_WORK_OF_A_FACTOR: Final = 40
"""Work of one instruction in a product of matrices, in reading steps."""
_PHASES: Final[dict[str, float]] = {
    "z": math.pi, "s": math.pi / 2, "sdg": -math.pi / 2, "t": math.pi / 4, "tdg": -math.pi / 4,
}  # fmt: skip
_CONTROLS: Final[dict[str, tuple[str, int]]] = {
    "cx": ("x", 1), "ccx": ("x", 2), "cy": ("y", 1), "cz": ("z", 1), "ccz": ("z", 2), "ch": ("h", 1),
    "cs": ("s", 1), "csdg": ("sdg", 1), "csx": ("sx", 1), "cp": ("p", 1), "crx": ("rx", 1),
    "cry": ("ry", 1), "crz": ("rz", 1), "cswap": ("swap", 1),
}  # fmt: skip
_CONTROLLED: Final = {base: name for name, base in _CONTROLS.items()}


MAX_CONTROLS: Final = 100
"""Maximum number of controls: an X with more controls alone exceeds the circuit's size limit."""


def inverse(ops: Sequence[UnitaryInstruction]) -> list[UnitaryInstruction]:
    """Return the inverse of `ops`."""
    return [_inverse(op) for op in reversed(ops)]


def _inverse(op: UnitaryInstruction) -> UnitaryInstruction:
    if isinstance(op, Barrier):
        return op
    if isinstance(op, Unitary):
        columns = zip(*op.matrix, strict=True)
        return Unitary(op.qubits, tuple(tuple(entry.conjugate() for entry in column) for column in columns))
    name, qubits, params = op.name, op.qubits, op.params
    if name in _ADJOINT:
        return Gate(_ADJOINT[name], qubits, noiseless=op.noiseless)
    if name in _ADDITIVE:
        return Gate(name, qubits, (scaled(params[0], -1.0),))
    if name in ("u", "cu"):
        theta, phi, lam, *gamma = (scaled(angle, -1.0) for angle in params)
        return Gate(name, qubits, (theta, lam, phi, *gamma))
    if name in ("xx_plus_yy", "xx_minus_yy"):
        return Gate(name, qubits, (scaled(params[0], -1.0), params[1]))
    if name == "iswap":
        return Gate("xx_plus_yy", qubits, (math.pi, 0.0))
    if name == "dcx":
        return Gate("dcx", qubits[::-1])
    return as_unitary(adjoint(matrix_of(op)), qubits)


def work_of_power(ops: Sequence[UnitaryInstruction], exponent: float) -> int:
    """Return the work of `power` in reading steps: of a root, that of the matrix and of its eigenvectors."""
    if exponent.is_integer():
        return len(ops)
    width = len({qubit for op in ops for qubit in op.qubits})
    return _WORK_OF_A_FACTOR * len(ops) + (2 << 3 * min(width, MAX_UNITARY_QUBITS))


def power(ops: Sequence[UnitaryInstruction], exponent: float, limit: int) -> list[UnitaryInstruction]:
    """Return the sequence to a real power; integer powers repeat it, others take the principal root.

    Args:
        ops: The sequence.
        exponent: Any real number; negative ones invert.
        limit: Maximum number of instructions.

    Raises:
        Refused: A fractional power of a sequence that is too wide or has a free parameter, or a result over
            the limit.
    """
    if len(ops) == 1 and isinstance(op := ops[0], Gate) and _scales(op, exponent):
        return [Gate(op.name, op.qubits, (scaled(op.params[0], exponent),))]
    if len(ops) == 1 and isinstance(op, Gate) and op.name in _PHASES and not exponent.is_integer():
        return [Gate("p", op.qubits, (_PHASES[op.name] * exponent,))]
    if exponent.is_integer():
        repeated = list(ops) if exponent >= 0 else inverse(ops)
        if abs(exponent) * len(ops) > limit:
            raise Refused(f"the power {exponent:g} expands to more than {limit} instructions")
        return repeated * int(abs(exponent))
    acting = _acting(ops)
    qubits = sorted({qubit for op in acting for qubit in op.qubits})
    root = principal_power(product(acting, qubits), exponent)
    if not qubits:
        return [Gate("gphase", (), (cmath.phase(root[0][0]),))]
    return [as_unitary(root, qubits)]


def _scales(op: Gate, exponent: float) -> bool:
    if op.name not in _ADDITIVE:
        return False
    angle = op.params[0]
    principal = math.pi if op.name in ("p", "cp", "gphase") else math.tau
    return exponent.is_integer() or isinstance(angle, Affine) or abs(angle) <= principal


def _acting(ops: Sequence[UnitaryInstruction]) -> list[Gate | Unitary]:
    return [op for op in ops if not isinstance(op, Barrier)]


def control(
    ops: Sequence[UnitaryInstruction], controls: Sequence[int], limit: int
) -> list[UnitaryInstruction]:
    """Return the sequence controlled by all control qubits.

    Args:
        ops: The sequence.
        controls: The control qubits.
        limit: Maximum number of instructions.

    Raises:
        Refused: An instruction is too wide for a matrix and has no known controlled form, or the result is
            over the limit.
    """
    result: list[UnitaryInstruction] = []
    for op in ops:
        if isinstance(op, Barrier) or (isinstance(op, Gate) and op.noiseless):
            result.append(op)
        else:
            result.extend(_control(op, tuple(controls), limit - len(result)))
    return result


def _control(op: Gate | Unitary, controls: tuple[int, ...], limit: int) -> list[UnitaryInstruction]:
    if isinstance(op, Unitary):
        return [_by_matrix(op, controls)]
    if op.name in _CONTROLS:
        base, own = _CONTROLS[op.name]
        return _control(Gate(base, op.qubits[own:], op.params), controls + op.qubits[:own], limit)
    if op.name == "cu":
        phase = Gate("p", op.qubits[:1], op.params[3:])
        return [
            *_control(phase, controls, limit),
            *_control(Gate("u", op.qubits[1:], op.params[:3]), controls + op.qubits[:1], limit),
        ]
    if op.name == "gphase":
        return _phase(op.params[0], controls, limit)
    if op.name == "id":
        return []
    named = _CONTROLLED.get((op.name, len(controls)))
    if named is not None:
        return [Gate(named, controls + op.qubits, op.params)]
    if op.name == "u" and len(controls) == 1:
        return [Gate("cu", controls + op.qubits, (*op.params, 0.0))]
    if op.name in _PHASES or op.name == "p":
        return _phase(_PHASES.get(op.name) or op.params[0], controls + op.qubits, limit)
    free = any(isinstance(angle, Affine) for angle in op.params)
    if not free and len(controls) + len(op.qubits) <= MAX_UNITARY_QUBITS:
        return [_by_matrix(op, controls)]
    return _decomposed(op, controls, limit)


def _by_matrix(op: Gate | Unitary, controls: tuple[int, ...]) -> Unitary:
    qubits = controls + op.qubits
    if len(qubits) > MAX_UNITARY_QUBITS:
        raise Refused(
            f"a controlled matrix on {len(qubits)} qubits is not supported",
            rule=f"at most {MAX_UNITARY_QUBITS} qubits",
        )
    return as_unitary(controlled(matrix_of(op), len(controls)), qubits)


def _phase(angle: Angle, qubits: tuple[int, ...], limit: int) -> list[UnitaryInstruction]:
    """Apply a phase to the state in which all of `qubits` are 1."""
    if len(qubits) <= 2:
        return [Gate(("gphase", "p", "cp")[len(qubits)], qubits, (angle,))]
    *others, last, target = qubits
    flip = _flip(tuple(others), last, limit // 2)
    half, back = scaled(angle, 0.5), scaled(angle, -0.5)
    pair = (last, target)
    rest = _phase(half, (*others, target), limit - 2 * len(flip))
    return [Gate("cp", pair, (half,)), *flip, Gate("cp", pair, (back,)), *flip, *rest]


def _flip(controls: tuple[int, ...], target: int, limit: int) -> list[UnitaryInstruction]:
    """Apply X to the target if all controls are 1."""
    n = len(controls)
    if n <= 2:
        return [Gate(("x", "cx", "ccx")[n], (*controls, target))]
    if n > MAX_CONTROLS or len(flip(n)) > limit:
        raise Refused(
            f"a gate with {n} controls expands to too many instructions",
            rule=f"at most {MAX_CONTROLS} controls, and as many instructions as a circuit may have",
        )
    return [moved(op, (*controls, target)) for op in flip(n)]


_EULER: Final[dict[str, Callable[..., tuple[Angle, Angle, Angle, Angle]]]] = {
    "u": lambda theta, phi, lam: (theta, phi, lam, 0.0),
    "rx": lambda theta: (theta, -math.pi / 2, math.pi / 2, 0.0),
    "ry": lambda theta: (theta, 0.0, 0.0, 0.0),
    "rz": lambda lam: (0.0, 0.0, lam, scaled(lam, -0.5)),
    "y": lambda: (math.pi, math.pi / 2, math.pi / 2, 0.0),
    "h": lambda: (math.pi / 2, 0.0, math.pi, 0.0),
    "sx": lambda: (math.pi / 2, -math.pi / 2, math.pi / 2, math.pi / 4),
    "sxdg": lambda: (-math.pi / 2, -math.pi / 2, math.pi / 2, -math.pi / 4),
}
"""One-qubit gates decomposed as exp(i phase) u(theta, phi, lambda)."""


def _decomposed(op: Gate, controls: tuple[int, ...], limit: int) -> list[UnitaryInstruction]:
    if op.name == "x":
        return _flip(controls, op.qubits[0], limit)
    if op.name in _EULER:
        return _rotation(op, controls, limit)
    if op.name in _FRAMES:
        frame, core = _FRAMES[op.name](*op.qubits, *op.params)
        return [*frame, *_control(core, controls, limit), *inverse(frame)]
    if op.name in _SEQUENCES:
        return control(_SEQUENCES[op.name](*op.qubits), controls, limit)
    raise Refused(f"gate {op.name} cannot be controlled by {len(controls)} qubits here")


def _rotation(op: Gate, controls: tuple[int, ...], limit: int) -> list[UnitaryInstruction]:
    theta, phi, lam, phase = _EULER[op.name](*op.params)
    flip = _flip(controls, op.qubits[0], limit // 2)

    def turn(name: str, angle: Angle) -> Gate:
        return Gate(name, op.qubits, (angle,))

    total = added(phi, lam)
    return [
        turn("rz", scaled(added(lam, scaled(phi, -1.0)), 0.5)),
        *flip,
        turn("rz", scaled(total, -0.5)),
        turn("ry", scaled(theta, -0.5)),
        *flip,
        turn("ry", scaled(theta, 0.5)),
        turn("rz", phi),
        *_phase(added(phase, scaled(total, 0.5)), controls, limit - 2 * len(flip)),
    ]


def _ising(a: int, b: int, angle: Angle, *, basis: Callable[[int], list[Gate]]) -> tuple[list[Gate], Gate]:
    return [*basis(a), *basis(b), Gate("cx", (a, b))], Gate("rz", (b,), (angle,))


def _hadamard(qubit: int) -> list[Gate]:
    return [Gate("h", (qubit,))]


def _quarter_turn(qubit: int) -> list[Gate]:
    return [Gate("rx", (qubit,), (math.pi / 2,))]


_FRAMES: Final[dict[str, Callable[..., tuple[list[Gate], Gate]]]] = {
    "swap": lambda a, b: ([Gate("cx", (b, a))], Gate("cx", (a, b))),
    "rzz": lambda a, b, angle: _ising(a, b, angle, basis=lambda _: []),
    "rxx": lambda a, b, angle: _ising(a, b, angle, basis=_hadamard),
    "ryy": lambda a, b, angle: _ising(a, b, angle, basis=_quarter_turn),
    "rzx": lambda a, b, angle: ([Gate("h", (b,)), Gate("cx", (a, b))], Gate("rz", (b,), (angle,))),
}
"""Gates as conjugated cores (frame, core, inverse frame): only the core needs the controls."""

_SEQUENCES: Final[dict[str, Callable[[int, int], list[Gate]]]] = {
    "dcx": lambda a, b: [Gate("cx", (a, b)), Gate("cx", (b, a))],
    "iswap": lambda a, b: [Gate("rxx", (a, b), (-math.pi / 2,)), Gate("ryy", (a, b), (-math.pi / 2,))],
    "ecr": lambda a, b: [
        Gate("rzx", (a, b), (math.pi / 4,)), Gate("x", (a,)), Gate("rzx", (a, b), (-math.pi / 4,)),
    ],
}  # fmt: skip
