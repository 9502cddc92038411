"""Planning `compile`."""

from __future__ import annotations

from typing import cast

from novacron.specs import Compile
from novacron.specs.circuit_text import ParsedCircuit
from scheduler.planning.kinds.base import Work, granularity
from shared.circuits.written import WrittenRecord
from shared.quantum import portfolio
from shared.tasks import TaskSpec

BASE_S = 0.03
SECONDS_PER_GATE = (1e-4, 2e-4, 1e-3, 2e-3)
"""Processor time per gate of the source at each level, without the search."""


def plan(spec: Compile, queue: str, memory_bytes: int) -> Work:
    """Plan one task, or at level 3 one for each strategy and one that chooses."""
    assert isinstance(spec.circuit, ParsedCircuit)
    record = cast("WrittenRecord", spec.circuit.record)
    level, n_gates = spec.optimization_level, len(record["instructions"])
    plain_s = BASE_S + n_gates * SECONDS_PER_GATE[level]
    searches = {
        name: plain_s + portfolio.search_s(name, level, spec.compile_budget_s)
        for name in portfolio.strategies(level, spec.routing)
    }
    cost_s = sum(searches.values())
    mode, why = "single", "a compilation below level 3 is one task"
    if level == 3:
        mode, why = granularity(spec.granularity, max(searches.values()), "the longest search")
    shape = f"compile/{spec.backend}/{record['n_qubits']}/{n_gates}/{level}/{spec.routing}/{mode}"
    if mode != "fanned_out":
        return Work([TaskSpec("compile", queue, {}, (), cost_s, memory_bytes)], mode, why, shape, cost_s)
    parts = [
        TaskSpec("compile_entry", queue, {"strategy": name}, (), search_s, memory_bytes)
        for name, search_s in searches.items()
    ]
    last = TaskSpec("conclude_compile", queue, {}, tuple(range(len(parts))), plain_s, memory_bytes)
    return Work([*parts, last], mode, why, shape, cost_s)
