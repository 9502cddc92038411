"""Validates plain JSON data and builds a circuit record from it."""

import math
import re
from collections.abc import Callable
from typing import Any, Final, NoReturn

from shared.circuits.classical.computation import expression_from_json, type_from_json
from shared.circuits.gates import GATES, MAX_UNITARY_QUBITS
from shared.circuits.instruction import (
    ANGLE_BITS,
    Affine,
    Angle,
    Barrier,
    Gate,
    If,
    Instruction,
    Measure,
    Reset,
    Store,
    Unitary,
    While,
    memory_of,
)
from shared.circuits.limits import LIMITS, Budget, Refused
from shared.circuits.record import CircuitRecord

_UNITARITY_TOLERANCE: Final = 1e-8


def record_from_json(data: Any) -> CircuitRecord:
    """Validate plain JSON data and build the record.

    Raises:
        Refused: The data is not a valid circuit record; the message names the position.
    """
    known = {"n_qubits", "parameters", "registers", "instructions", "memory"}
    if not isinstance(data, dict) or not known >= set(data) >= {"n_qubits", "instructions"}:
        _refuse("circuit", f"is not an object with exactly the keys {', '.join(sorted(known))}")
    n_qubits = _integer(data["n_qubits"], "n_qubits", LIMITS.qubits)
    parameters = _parameters(data.get("parameters", []))
    registers = _registers(data.get("registers", []))
    memory = _integer(data.get("memory", 0), "memory", LIMITS.memory_bits)
    n_bits = sum(size for _, size in registers) + memory
    reader = _Reader(n_qubits, n_bits, frozenset(parameters))
    instructions = reader.block(data["instructions"], "instructions", 0)
    return CircuitRecord(n_qubits, parameters, registers, instructions, memory)


class _Reader:
    def __init__(self, n_qubits: int, n_bits: int, parameters: frozenset[str]) -> None:
        self.n_qubits = n_qubits
        self.n_bits = n_bits
        self.parameters = parameters
        self.budget = Budget(LIMITS)

    def block(self, data: Any, place: str, depth: int) -> tuple[Instruction, ...]:
        if not isinstance(data, list):
            _refuse(place, "is not a list of instructions")
        if depth > LIMITS.nesting:
            _refuse(place, f"is nested deeper than {LIMITS.nesting} blocks")
        self.budget.spend(len(data))
        return tuple(self._instruction(item, f"{place}[{index}]", depth) for index, item in enumerate(data))

    def _instruction(self, item: Any, place: str, depth: int) -> Instruction:
        if not isinstance(item, dict):
            _refuse(place, "is not an object")
        if "if" in item:
            return self._condition(item, place, depth)
        if "while" in item:
            return self._loop(item, place, depth)
        for key, read in _READERS.items():
            if key in item:
                return read(self, item, place)
        _refuse(place, "has none of the keys gate, measure, reset, barrier, if, store, while")

    def gate(self, item: dict[str, Any], place: str) -> Instruction:
        name = item["gate"]
        if name == "unitary":
            return self._unitary(item, place)
        if not isinstance(name, str) or name not in GATES:
            _refuse(place, f"names the unknown gate {name!r}")
        n_qubits, n_params = GATES[name]
        qubits = self._qubits(item.get("qubits", []), place)
        params = item.get("params", [])
        _only(item, {"gate", "qubits", "params", "noiseless"}, place)
        if item.get("noiseless", False) not in (False, True):
            _refuse(place, "has a noiseless that is neither true nor false")
        if not isinstance(params, list) or (len(qubits), len(params)) != (n_qubits, n_params):
            _refuse(place, f"needs {n_qubits} qubits and {n_params} params for gate {name}")
        angles = tuple(self._angle(angle, place) for angle in params)
        return Gate(name, qubits, angles, bool(item.get("noiseless", False)))

    def _unitary(self, item: dict[str, Any], place: str) -> Unitary:
        _only(item, {"gate", "qubits", "matrix"}, place)
        qubits = self._qubits(item.get("qubits", []), place)
        if not 1 <= len(qubits) <= MAX_UNITARY_QUBITS:
            _refuse(place, f"has a matrix on {len(qubits)} qubits; 1 to {MAX_UNITARY_QUBITS} are allowed")
        matrix = _matrix(item.get("matrix"), 1 << len(qubits), place)
        return Unitary(qubits, matrix)

    def measure(self, item: dict[str, Any], place: str) -> Measure:
        _only(item, {"measure", "bit"}, place)
        qubit = _integer(item["measure"], f"{place}.measure", self.n_qubits - 1)
        bit = _integer(item["bit"], f"{place}.bit", self.n_bits - 1) if "bit" in item else None
        return Measure(qubit, bit)

    def reset(self, item: dict[str, Any], place: str) -> Reset:
        _only(item, {"reset"}, place)
        return Reset(_integer(item["reset"], f"{place}.reset", self.n_qubits - 1))

    def barrier(self, item: dict[str, Any], place: str) -> Barrier:
        _only(item, {"barrier"}, place)
        return Barrier(self._qubits(item["barrier"], place))

    def store(self, item: dict[str, Any], place: str) -> Store:
        _only(item, {"store", "type", "value", "line"}, place)
        bits = _distinct(item["store"], f"{place}.store", self.n_bits - 1)
        kind = item.get("type")
        if not isinstance(kind, list) or len(kind) != 2:
            _refuse(f"{place}.type", "is not [kind, width]")
        try:
            target, value = type_from_json(*kind), expression_from_json(item.get("value"), self.n_bits)
        except Refused as error:
            _refuse(f"{place}.value", error.message)
        if target.bits != len(bits):
            _refuse(place, f"stores {target} into {len(bits)} bits")
        return Store(bits, target, value, _integer(item.get("line", 0), f"{place}.line", LIMITS.text_bytes))

    def _loop(self, item: dict[str, Any], place: str, depth: int) -> While:
        _only(item, {"while", "body", "line"}, place)
        bit = _integer(item["while"], f"{place}.while", self.n_bits - 1)
        body = self.block(item.get("body", []), f"{place}.body", depth + 1)
        return While(bit, body, _integer(item.get("line", 0), f"{place}.line", LIMITS.text_bytes))

    def _condition(self, item: dict[str, Any], place: str, depth: int) -> If:
        _only(item, {"if", "then", "else"}, place)
        test = item["if"]
        if not isinstance(test, dict) or set(test) != {"bits", "value"}:
            _refuse(f"{place}.if", "is not an object with the keys bits and value")
        bits = _distinct(test["bits"], f"{place}.if.bits", self.n_bits - 1)
        value = _integer(test["value"], f"{place}.if.value", (1 << len(bits)) - 1)
        then = self.block(item.get("then", []), f"{place}.then", depth + 1)
        return If(bits, value, then, self.block(item.get("else", []), f"{place}.else", depth + 1))

    def _qubits(self, data: Any, place: str) -> tuple[int, ...]:
        return _distinct(data, f"{place} qubits", self.n_qubits - 1)

    def _angle(self, data: Any, place: str) -> Angle:
        if not isinstance(data, dict):
            return _number(data, place)
        if set(data) - {"offset"} != {"terms"} or not isinstance(data["terms"], dict):
            _refuse(place, "has an angle that is neither a number nor {terms, offset}")
        for name in data["terms"]:
            if name not in self.parameters and not self._in_memory(name):
                _refuse(place, f"uses the undeclared parameter {name!r}")
        terms = tuple((name, _number(factor, place)) for name, factor in data["terms"].items())
        return Affine(terms, _number(data.get("offset", 0.0), place)).value

    def _in_memory(self, name: str) -> bool:
        first = memory_of(name) if re.fullmatch(r"@[0-9]{1,7}", name) else None
        return first is not None and first + ANGLE_BITS <= self.n_bits


_READERS: Final[dict[str, Callable[[_Reader, dict[str, Any], str], Instruction]]] = {
    "gate": _Reader.gate,
    "measure": _Reader.measure,
    "reset": _Reader.reset,
    "barrier": _Reader.barrier,
    "store": _Reader.store,
}


def _refuse(place: str, problem: str) -> NoReturn:
    raise Refused(f"circuit record: {place} {problem}")


def _only(item: dict[str, Any], keys: set[str], place: str) -> None:
    if not set(item) <= keys:
        _refuse(place, f"has the unknown key {min(set(item) - keys)!r}")


def _integer(data: Any, place: str, largest: int) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or not 0 <= data <= largest:
        _refuse(place, f"is {data!r}, not an integer from 0 to {largest}")
    return data


def _number(data: Any, place: str) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
        _refuse(place, f"has {data!r} where a finite number is needed")
    return float(data)


def _distinct(data: Any, place: str, largest: int) -> tuple[int, ...]:
    if not isinstance(data, list):
        _refuse(place, "is not a list of integers")
    values = tuple(_integer(value, place, largest) for value in data)
    if len(set(values)) != len(values):
        _refuse(place, f"names the same one twice: {list(values)}")
    return values


def _parameters(data: Any) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(name, str) and name for name in data):
        _refuse("parameters", "is not a list of names")
    if len(set(data)) != len(data):
        _refuse("parameters", "has a name twice")
    return tuple(data)


def _registers(data: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(data, list):
        _refuse("registers", "is not a list of [name, size]")
    registers = []
    for index, item in enumerate(data):
        if not isinstance(item, list | tuple) or len(item) != 2 or not isinstance(item[0], str):
            _refuse(f"registers[{index}]", "is not [name, size]")
        registers.append((item[0], _integer(item[1], f"registers[{index}] size", LIMITS.bits)))
    if len({name for name, _ in registers}) != len(registers):
        _refuse("registers", "has a name twice")
    if sum(size for _, size in registers) > LIMITS.bits:
        _refuse("registers", f"hold more than {LIMITS.bits} bits")
    return tuple(registers)


def _matrix(data: Any, size: int, place: str) -> tuple[tuple[complex, ...], ...]:
    if not isinstance(data, list) or len(data) != size:
        _refuse(place, f"needs a matrix of {size} rows")
    rows = []
    for row in data:
        if not isinstance(row, list) or len(row) != size:
            _refuse(place, f"needs matrix rows of {size} entries")
        rows.append(tuple(_entry(entry, place) for entry in row))
    for i, left in enumerate(rows):
        for j, right in enumerate(rows[: i + 1]):
            product = sum(a * b.conjugate() for a, b in zip(left, right, strict=True))
            if not abs(product - (i == j)) <= _UNITARITY_TOLERANCE:
                _refuse(place, f"has a matrix that is not unitary (rows {j} and {i})")
    return tuple(rows)


def _entry(entry: Any, place: str) -> complex:
    if not isinstance(entry, list) or len(entry) != 2:
        _refuse(place, "has a matrix entry that is not [real, imaginary]")
    return complex(_number(entry[0], place), _number(entry[1], place))
