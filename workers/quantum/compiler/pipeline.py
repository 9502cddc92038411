"""Compilation of a circuit for a device: strategies, the best candidate, its verification."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time
from typing import Any

from shared.circuits.record import CircuitRecord
from shared.quantum.devices import Device
from workers.quantum.compiler import cost
from workers.quantum.compiler.compiled import Candidate, Compiled, Options
from workers.quantum.compiler.region import region_of
from workers.quantum.compiler.schedule import schedule
from workers.quantum.compiler.strategies import attempt, strategies
from workers.quantum.compiler.verify import verify


def compile(record: CircuitRecord, device: Device, options: Options = Options()) -> Compiled:  # noqa: B008
    """Compile a circuit, and prove the result.

    Args:
        record: the circuit; it may have free parameters.
        device: what it is compiled for; its largest connected part has at least as many qubits.
        options: how.

    Raises:
        MiscompiledError: the result differs from the circuit, an error of the compiler.
        UnreadError: the circuit has an instruction that the compiler does not know.
    """
    began = process_time()
    region = region_of(device)
    candidates = [attempt(record, region, options, one) for one in strategies(record, region, options)]
    return conclude(record, device, options, candidates, process_time() - began)


def conclude(
    record: CircuitRecord, device: Device, options: Options, candidates: Sequence[Candidate], spent_s: float
) -> Compiled:
    """Return the best candidate, verified.

    Args:
        record: the circuit.
        device: what it was compiled for.
        options: how.
        candidates: of all strategies, in their order.
        spent_s: processor time that they took.

    Raises:
        MiscompiledError: it differs from the circuit.
    """
    best = min(candidates, key=lambda one: _rank(one, device))
    began = process_time()
    word = verify(record, best, options.seed)
    verified_s = process_time() - began
    before, after = cost.figures(record), cost.compiled_figures(best.record, device)
    metadata: dict[str, Any] = {
        "optimization_level": options.level,
        "original_depth": before["depth"],
        "compiled_depth": after["depth"],
        "original_gate_count": before["gate_count"],
        "compiled_gate_count": after["gate_count"],
        "two_qubit_count": after["two_qubit_count"],
        "resource_requirements": {"qubits": after["n_qubits"], "duration_s": after["duration_s"]},
        "compilation_time": spent_s + verified_s,
        "before": before,
        "after": after,
        "strategy": best.strategy,
        "strategies": [
            {
                "name": one.strategy,
                "two_qubit_count": cost.two_qubit_count(one.record),
                "success_probability": cost.success_probability(one.record, device),
            }
            for one in candidates
        ],
        "passes": [
            *({"name": one.name, "gain": one.gain, "cpu_s": one.seconds} for one in best.stages),
            {"name": "verify", "gain": 0, "cpu_s": verified_s},
        ],
        "from_zero": best.from_zero,
        "calibration": device.calibration_id,
    }
    timed = schedule(best.record.instructions, device, options.scheduling).to_json()
    return Compiled(best.record, best.layout, best.final, word, timed, metadata)


def _rank(candidate: Candidate, device: Device) -> tuple[float, int]:
    """Return the key of the order from best to worst: success probability, then two-qubit depth."""
    return -cost.log_success(candidate.record, device), cost.two_qubit_depth(candidate.record)
