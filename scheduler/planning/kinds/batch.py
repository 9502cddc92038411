"""Planning `pure_quantum` with arrays of results: one task, or shards that are merged in order."""

from __future__ import annotations

from math import ceil, prod

from novacron._units import duration
from novacron.specs import Circuit
from scheduler.planning import batches
from scheduler.planning.batches import Piece
from scheduler.planning.kinds.base import FAN_OUT_S, Work
from shared.quantum import cost
from shared.quantum.backends import BACKENDS
from shared.tasks import TaskSpec

MAX_SHARDS = 256
COMPILE_S = 2e-4
"""Compilation of a gate of a circuit, once in each task."""


def plan(spec: Circuit, queue: str, memory_bytes: int) -> Work:
    """Plan one task if all of it is cheap, else shards of about `FAN_OUT_S` and their merge."""
    found = batches.pieces(spec)
    run_s = sum(_run_s(spec, piece) for piece in found)
    compile_s = COMPILE_S * sum(len(piece.demand.record["instructions"]) for piece in found)
    n_values = sum(max(piece.n_points, prod(piece.shape)) for piece in found)
    n_points = sum(piece.n_points for piece in found)
    told = f"{len(found)} circuits at {n_points:,} points"
    if len(found) == 1:
        told = f"1 circuit at {n_points:,} point{'s' * (n_points != 1)}"
    shape = f"batch/{spec.backend}/{found[0].demand.n_active}/{n_values}/{spec.shots}"
    parts = min(MAX_SHARDS, n_points, ceil(run_s / max(FAN_OUT_S, compile_s)))
    if spec.granularity == "fused" or parts <= 1:
        cost_s = 0.001 + compile_s + run_s
        task = TaskSpec("estimate", queue, {}, (), cost_s, memory_bytes)
        return Work([task], "single", f"{told}, about {duration(cost_s)}", shape, cost_s)
    each_s = compile_s + run_s / parts
    tasks = [
        TaskSpec("estimate_share", queue, {"part": part, "parts": parts}, (), each_s, memory_bytes)
        for part in range(parts)
    ]
    merge = TaskSpec("conclude_estimate", queue, {}, tuple(range(parts)))
    why = f"{told} in {parts} tasks of about {duration(each_s)}"
    return Work([*tasks, merge], "fanned_out", why, shape, parts * each_s)


def _run_s(spec: Circuit, piece: Piece) -> float:
    """Return the expected run time of a circuit at all its points, in core seconds."""
    n_qubits, n_ops = piece.demand.n_active, len(piece.demand.record["instructions"])
    growth = BACKENDS[spec.backend].growth
    if spec.backend in ("trajectories", "stabilizer"):
        shot_s = n_ops * (2.0**n_qubits * 5e-9 if spec.backend == "trajectories" else 5e-9)
        return piece.n_points * (0.001 + (spec.shots or 1) * shot_s)
    n_values = prod(piece.shape) if piece.pub.observables else 0
    if not n_values:
        n_shots = spec.shots or 0
        return piece.n_points * (
            cost.exact_s(n_ops, 0, n_qubits, gradient=False, growth=growth) + n_shots * cost.SHOT_S
        )
    if spec.shots is not None or spec.precision is not None:
        return cost.estimate_s(
            n_ops, n_qubits, n_points=piece.n_points, n_units=n_values, shots=spec.shots or 1000
        )  # fmt: skip
    gradient = "gradient" in spec.wanted
    return n_values * cost.exact_s(n_ops, 1, n_qubits, gradient=gradient, growth=growth)
