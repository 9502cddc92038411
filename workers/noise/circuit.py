"""Circuits with their noise written out: what the simulators of noise run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from shared.circuit.instruction import Barrier, Gate, If, Instruction, Measure, Reset, Unitary
from workers.noise.drift import factors
from workers.noise.model import NoiseModel, Struck


@dataclass(frozen=True, slots=True)
class Choice:
    """One block or the other by classical bits, as `shared.circuit.instruction.If`."""

    bits: tuple[int, ...]
    value: int
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...]


Step: TypeAlias = Gate | Unitary | Measure | Reset | Struck | Choice


def noisy(instructions: Sequence[Instruction], model: NoiseModel | None) -> tuple[Step, ...]:
    """The instructions, each gate and reset followed by what strikes after it; barriers are left out."""
    return _written(instructions, model, factors(model.drift if model else None))


def _written(
    instructions: Sequence[Instruction], model: NoiseModel | None, rates: Iterator[float]
) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in instructions:
        if isinstance(item, Barrier):
            continue
        factor = next(rates)
        if isinstance(item, If):
            then, otherwise = (_written(part, model, rates) for part in (item.then, item.otherwise))
            steps.append(Choice(item.bits, item.value, then, otherwise))
            continue
        steps.append(item)
        if model is not None and not isinstance(item, Measure):
            steps += model.after(item, factor)
    return tuple(steps)
