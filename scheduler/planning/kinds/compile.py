"""Planning `compile`."""

from __future__ import annotations

from typing import cast

from novacron.specs import Compile
from novacron.specs.circuit_text import ParsedCircuit
from scheduler.planning.kinds.base import Work
from shared.circuits.written import WrittenRecord
from shared.tasks import TaskSpec

BASE_S = 0.03
SECONDS_PER_GATE = (1e-4, 2e-4, 1e-3, 2e-3)
"""Processor time per gate of the source at each level, without the search."""
SEARCH_S = 1.0
"""Maximum time of the search at level 2."""


def plan(spec: Compile, queue: str, memory_bytes: int) -> Work:
    """Plan one task."""
    assert isinstance(spec.circuit, ParsedCircuit)
    record = cast("WrittenRecord", spec.circuit.record)
    level, n_gates = spec.optimization_level, len(record["instructions"])
    search_s = {2: SEARCH_S, 3: spec.compile_budget_s}.get(level, 0.0) if spec.routing == "sabre" else 0.0
    cost_s = BASE_S + n_gates * SECONDS_PER_GATE[level] + search_s
    shape = f"compile/{spec.backend}/{record['n_qubits']}/{n_gates}/{level}/{spec.routing}"
    task = TaskSpec("compile", queue, {}, (), cost_s, memory_bytes)
    return Work([task], "single", "a compilation is one task", shape, cost_s)
