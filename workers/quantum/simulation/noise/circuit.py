"""Circuits with explicit noise channels: the input of noisy simulators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from shared.circuits.instruction import Barrier, Gate, If, Instruction, Measure, Reset, Store, Unitary, While
from workers.quantum.simulation.noise.drift import factors
from workers.quantum.simulation.noise.model import NoiseModel, Struck


@dataclass(frozen=True, slots=True)
class Choice:
    """One block or the other by classical bits, as `shared.circuits.instruction.If`."""

    bits: tuple[int, ...]
    value: int
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A block repeated while a classical bit is 1, as `shared.circuits.instruction.While`."""

    bit: int
    body: tuple[Step, ...]
    line: int


Step: TypeAlias = Gate | Unitary | Measure | Reset | Store | Struck | Choice | Repeat


def noisy(instructions: Sequence[Instruction], model: NoiseModel | None) -> tuple[Step, ...]:
    """Return the instructions, each gate and reset followed by its errors; barriers are dropped.

    Drifting rates are those of a loop's first iteration in all of them.
    """
    return _written(instructions, model, factors(model.drift if model else None))


def _written(
    instructions: Sequence[Instruction], model: NoiseModel | None, rates: Iterator[float]
) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in instructions:
        if isinstance(item, Barrier):
            continue
        if isinstance(item, Store):
            steps.append(item)
            continue
        factor = next(rates)
        if isinstance(item, While):
            steps.append(Repeat(item.bit, _written(item.body, model, rates), item.line))
            continue
        if isinstance(item, If):
            then, otherwise = (_written(part, model, rates) for part in (item.then, item.otherwise))
            steps.append(Choice(item.bits, item.value, then, otherwise))
            continue
        steps.append(item)
        if model is not None and not isinstance(item, Measure):
            steps += model.after(item, factor)
    return tuple(steps)
