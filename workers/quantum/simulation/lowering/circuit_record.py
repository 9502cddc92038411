"""Lowers circuit records to programs: the unitary part of a circuit, with free parameters.

A gate whose angles are all constant becomes one fixed unitary; a gate with a parameter is decomposed into
Pauli rotations (and fixed unitaries), including the global phase.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from shared.circuits import instruction as circuits
from shared.circuits.instruction import Affine, Barrier, Gate, Instruction, Measure
from shared.circuits.record import CircuitRecord
from workers.quantum.simulation.ir.gates import GATES, GateError, matrix
from workers.quantum.simulation.ir.program import Angle, Op, PauliRotation, Program, Unitary

Rotation = tuple[str, Angle]


class LoweringError(ValueError):
    """An instruction that a program cannot represent; names it and the reason."""


def lower(record: CircuitRecord) -> Program:
    """Lower a circuit record.

    Barriers are dropped, and so are measurements whose qubit is not used afterwards.

    Args:
        record: Its `parameters` number theta in the order listed.

    Returns:
        The program from |0...0>.

    Raises:
        LoweringError: A reset, a conditional, a gate after its qubit was measured, an unknown gate
            or parameter.
    """
    ops: list[Op] = []
    measured: set[int] = set()
    for position, item in enumerate(record.instructions):
        try:
            if isinstance(item, Measure):
                measured.add(item.qubit)
            elif not isinstance(item, Barrier):
                ops += lower_gate(_unmeasured(item, measured), record.n_qubits, record.parameters)
        except (GateError, LoweringError) as error:
            raise LoweringError(f"instruction {position}: {error}") from error
    return Program(record.n_qubits, len(record.parameters), tuple(ops))


def lower_gate(item: Gate | circuits.Unitary, n_qubits: int, parameters: Sequence[str] = ()) -> list[Op]:
    """Return the ops of one gate of a circuit record.

    Raises:
        GateError: Unknown gate, or wrong number of qubits or angles.
        LoweringError: An angle names a parameter that is not in `parameters`.
    """
    qubits = item.qubits
    if isinstance(item, circuits.Unitary):
        return [Unitary(qubits, np.array(item.matrix, dtype=np.complex128))]
    name, angles = item.name, [read_angle(value, parameters) for value in item.params]
    gate = GATES.get(name)
    if gate is None or len(angles) != gate.n_angles:
        matrix(name, [0.0] * len(angles))
    elif len(qubits) != gate.n_qubits:
        raise GateError(f"gate {name!r} acts on {gate.n_qubits} qubits, got {len(qubits)}")
    if name == "gphase":
        return [PauliRotation(0, 0, angles[0] * -2.0)]
    if all(angle.fixed for angle in angles):
        return [Unitary(qubits, matrix(name, [angle.offset for angle in angles]))]
    return [_place(rotation, qubits, n_qubits) for rotation in ROTATIONS[name](*angles)]


def read_angle(value: circuits.Angle, parameters: Sequence[str]) -> Angle:
    """Parse an angle of a circuit record.

    Raises:
        LoweringError: An unknown parameter name.
    """
    if not isinstance(value, Affine):
        return Angle(offset=float(value))
    unknown = [name for name, _ in value.terms if name not in parameters]
    if unknown:
        raise LoweringError(f"unknown parameter {unknown[0]!r}; the circuit declares {list(parameters)}")
    return Angle(tuple((parameters.index(name), scale) for name, scale in value.terms), value.offset)


def _unmeasured(item: Instruction, measured: set[int]) -> Gate | circuits.Unitary:
    if not isinstance(item, Gate | circuits.Unitary):
        kind = type(item).__name__.lower()
        raise LoweringError(f"{kind!r} is not unitary; only gates can be part of a parametrised program")
    used = measured.intersection(item.qubits)
    if used:
        name = item.name if isinstance(item, Gate) else "unitary"
        raise LoweringError(f"gate {name!r} acts on qubit {min(used)} after its measurement")
    return item


def _place(rotation: Rotation, qubits: tuple[int, ...], n_qubits: int) -> Op:
    """Convert letters to masks: letter i acts on qubits[i]."""
    letters, angle = rotation
    x = z = 0
    for letter, qubit in zip(letters, qubits, strict=True):
        bit = 1 << (n_qubits - 1 - qubit)
        x |= bit if letter in "XY" else 0
        z |= bit if letter in "YZ" else 0
    return PauliRotation(x, z, angle)


def _pauli(letters: str) -> Callable[[Angle], list[Rotation]]:
    return lambda angle: [(letters, angle)]


def _p(angle: Angle) -> list[Rotation]:
    return [("I", angle * -1.0), ("Z", angle)]


def _u(theta: Angle, phi: Angle, lam: Angle) -> list[Rotation]:
    return [("I", (phi + lam) * -1.0), ("Z", lam), ("Y", theta), ("Z", phi)]


def _cp(angle: Angle) -> list[Rotation]:
    half = angle * 0.5
    return [("II", angle * -0.5), ("ZI", half), ("IZ", half), ("ZZ", angle * -0.5)]


def _controlled(letter: str) -> Callable[[Angle], list[Rotation]]:
    return lambda angle: [("I" + letter, angle * 0.5), ("Z" + letter, angle * -0.5)]


def _cu(theta: Angle, phi: Angle, lam: Angle, gamma: Angle) -> list[Rotation]:
    phase = gamma + (phi + lam) * 0.5
    rotations = _controlled("Z")(lam) + _controlled("Y")(theta) + _controlled("Z")(phi)
    return [("II", phase * -1.0), ("ZI", phase), *rotations]


def _xx_plus_yy(theta: Angle, beta: Angle) -> list[Rotation]:
    half = theta * 0.5
    return [("IZ", beta * -1.0), ("XX", half), ("YY", half), ("IZ", beta)]


def _xx_minus_yy(theta: Angle, beta: Angle) -> list[Rotation]:
    half = theta * 0.5
    return [("IZ", beta * -1.0), ("XX", half), ("YY", half * -1.0), ("IZ", beta)]


ROTATIONS: dict[str, Callable[..., list[Rotation]]] = {
    "rx": _pauli("X"),
    "ry": _pauli("Y"),
    "rz": _pauli("Z"),
    "p": _p,
    "u": _u,
    "cp": _cp,
    "crx": _controlled("X"),
    "cry": _controlled("Y"),
    "crz": _controlled("Z"),
    "cu": _cu,
    "rxx": _pauli("XX"),
    "ryy": _pauli("YY"),
    "rzz": _pauli("ZZ"),
    "rzx": _pauli("ZX"),
    "xx_plus_yy": _xx_plus_yy,
    "xx_minus_yy": _xx_minus_yy,
}
