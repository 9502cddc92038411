"""Planning `pure_quantum`."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

from novacron._units import duration
from novacron.specs import Circuit
from scheduler.planning import encoding, mitigation
from scheduler.planning.kinds import batch
from scheduler.planning.kinds.base import FAN_OUT_S, Work
from scheduler.planning.simulator import Demand
from shared.quantum import devices
from shared.quantum.backends import BACKENDS
from shared.quantum.encoded import BLOCK
from shared.quantum.trajectories import MAX_SHARDS, shards
from shared.tasks import TaskSpec

SECONDS_PER_GATE = 2e-5
SECONDS_PER_AMPLITUDE_GATE = {
    "statevector": 1.5e-8, "density_matrix": 1e-9, "trajectories": 5e-9, "stabilizer": 0.0,
}  # fmt: skip
SECONDS_PER_STABILIZER_SHOT_GATE = 5e-9
COMPILE_S, COMPILED = 0.1, 5
"""Compilation of a small circuit for a device, and the factor by which it multiplies the gates."""


def plan(spec: Circuit, queue: str, memory_bytes: int) -> Work:
    """Plan one task, whatever the number of shots; trajectories and batches are split among several."""
    if spec.batched:
        return batch.plan(spec, queue, memory_bytes)
    demand = Demand(spec)
    n_qubits, gates = demand.n_active, len(demand.record["instructions"])
    shape = f"circuit/{spec.backend}/{n_qubits}/{gates}/{spec.shots}"
    if spec.error_correction is not None:
        return _encoded(demand, queue, memory_bytes)
    if spec.mitigation:
        return _mitigated(demand, gates, queue, memory_bytes)
    if BACKENDS[spec.backend].simulates_devices:
        return _on_device(demand, gates, queue, memory_bytes, shape)
    amplitudes = BACKENDS[spec.backend].growth ** n_qubits
    run_s = gates * SECONDS_PER_AMPLITUDE_GATE.get(spec.backend, 0.0) * amplitudes
    if spec.backend == "trajectories":
        return _fan_out(spec.shots or 1, run_s, queue, memory_bytes, shape)
    if spec.backend == "stabilizer":
        run_s += gates * (spec.shots or 1) * SECONDS_PER_STABILIZER_SHOT_GATE
    cost_s = 0.001 + gates * SECONDS_PER_GATE + run_s
    task = TaskSpec("circuit", queue, {}, (), cost_s, memory_bytes)
    return Work([task], "single", "a circuit is one task", shape, cost_s)


def _mitigated(demand: Demand, gates: int, queue: str, memory_bytes: int) -> Work:
    spec, on_device = demand.spec, BACKENDS[demand.spec.backend].simulates_devices
    n_qubits = demand.n_used if on_device else demand.n_active
    name = devices.simulator(n_qubits, clifford=False) if on_device else spec.backend
    n_settings = mitigation.measured(one.terms for one in spec.observables)
    asked = mitigation.count(spec.mitigation, n_settings, spec.n_qubits or 1)
    mitigation.check_shots(spec, asked.circuits)
    each_s = gates * SECONDS_PER_AMPLITUDE_GATE.get(name, 0.0) * BACKENDS[name].growth ** n_qubits
    each_s *= (COMPILED if on_device else 1) * asked.depth
    runs = (spec.shots or 1) if name == "trajectories" else asked.circuits
    cost_s = COMPILE_S * on_device + 0.01 * asked.circuits + each_s * runs
    shots = "exact probabilities" if spec.shots is None else f"{spec.shots:,} shots in all"
    named = ", ".join(method.name for method in spec.mitigation)
    why = f"mitigated by {named}: about {asked.circuits:,} circuits, {shots}, in one task"
    shape = f"mitigated/{spec.backend}/{n_qubits}/{gates}/{asked.circuits}/{spec.shots}"
    return Work(
        [TaskSpec("mitigated_circuit", queue, {}, (), cost_s, memory_bytes)], "single", why, shape, cost_s
    )


def _on_device(demand: Demand, gates: int, queue: str, memory_bytes: int, shape: str) -> Work:
    name = devices.simulator(demand.n_used, clifford=demand.non_clifford is None)
    amplitudes = BACKENDS[name].growth ** demand.n_used
    run_s = COMPILED * gates * SECONDS_PER_AMPLITUDE_GATE[name] * amplitudes
    if name != "density_matrix":
        run_s *= demand.spec.shots or 1
    cost_s = COMPILE_S + gates * SECONDS_PER_GATE + run_s
    task = TaskSpec("circuit", queue, {}, (), cost_s, memory_bytes)
    return Work([task], "single", f"compiled for the device, then simulated ({name})", shape, cost_s)


def _fan_out(shots: int, run_s: float, queue: str, memory_bytes: int, shape: str) -> Work:
    cost_s = 0.01 + shots * run_s
    parts = shards(shots, min(MAX_SHARDS, ceil(cost_s / FAN_OUT_S)))
    each_s = cost_s / len(parts)
    tasks = [
        TaskSpec("trajectories", queue, {"first": first, "last": last}, (), each_s, memory_bytes)
        for first, last in parts
    ]
    merge = TaskSpec("conclude_trajectories", queue, {}, tuple(range(len(parts))))
    why = f"{shots:,} trajectories in {len(parts)} tasks of about {duration(each_s)}"
    return Work([*tasks, merge], "fanned_out" if len(parts) > 1 else "fused", why, shape, cost_s)


def _encoded(demand: Demand, queue: str, memory_bytes: int) -> Work:
    spec, size = demand.spec, encoding.size(demand)
    assert spec.error_correction is not None
    shots = spec.shots or 1
    n_blocks, run_s = ceil(shots / BLOCK), shots * size.shot_s
    n_parts = max(1, min(MAX_SHARDS, n_blocks, ceil(run_s / max(FAN_OUT_S, size.build_s))))
    edges = [n_blocks * part // n_parts for part in range(n_parts + 1)]
    each_s = size.build_s + run_s / n_parts
    tasks = [
        TaskSpec("encoded_share", queue, {"first": first, "last": last}, (), each_s, memory_bytes)
        for first, last in pairwise(edges)
    ]
    merge = TaskSpec("conclude_encoded", queue, {}, tuple(range(n_parts)))
    why = f"{shots:,} encoded shots in {n_parts} tasks of about {duration(each_s)}"
    code, distance = spec.error_correction.code, spec.error_correction.distance
    shape = f"encoded/{code}/{distance}/{size.n_detectors}/{shots}"
    return Work([*tasks, merge], "fanned_out" if n_parts > 1 else "fused", why, shape, n_parts * each_s)
