"""Compilation of a circuit for a device: strategies, the best candidate, its verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import process_time
from typing import Any

from shared.circuits.record import CircuitRecord
from shared.quantum.devices import Device
from shared.quantum.portfolio import strategies
from workers.quantum.compiler import contest, cost
from workers.quantum.compiler.compiled import Candidate, Compiled, Options
from workers.quantum.compiler.contest import Entry, Score
from workers.quantum.compiler.region import region_of
from workers.quantum.compiler.schedule import schedule
from workers.quantum.compiler.strategies import attempt
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
    names = strategies(options.level, options.routing)
    entries = [one for name in names if (one := enter(record, device, options, name)) is not None]
    scores = [one.score for one in entries]
    return _concluded(record, device, options, entries[contest.best(scores)], scores)


def enter(record: CircuitRecord, device: Device, options: Options, name: str) -> Entry | None:
    """Return what one strategy makes of a circuit, None if it does not apply.

    Args:
        record: the circuit.
        device: what it is compiled for.
        options: how.
        name: of the strategy.

    Raises:
        UnreadError: as `compile`.
    """
    began = process_time()
    made = attempt(record, region_of(device), options, name)
    return None if made is None else Entry.of(made, device, options, process_time() - began)


def conclude(
    record: CircuitRecord, device: Device, options: Options, entries: Sequence[Mapping[str, Any]]
) -> Compiled:
    """Return the best of the entries that other tasks made, verified.

    Args:
        record: the circuit.
        device: what it was compiled for.
        options: how.
        entries: as JSON data, in the order of the strategies.

    Raises:
        MiscompiledError: it differs from the circuit.
    """
    scores = [contest.score_of(one) for one in entries]
    winner = contest.best(scores)
    candidate = Candidate.from_json(entries[winner]["candidate"])
    timed = schedule(candidate.record.instructions, device, options.scheduling)
    return _concluded(record, device, options, Entry(candidate, timed, scores[winner]), scores)


def _concluded(
    record: CircuitRecord, device: Device, options: Options, winner: Entry, scores: Sequence[Score]
) -> Compiled:
    best, began = winner.candidate, process_time()
    word = verify(record, best, options.seed)
    verified_s = process_time() - began
    before = cost.figures(record)
    after = {
        **cost.figures(best.record),
        "duration_s": winner.timed.duration_s,
        "success_probability": winner.score.told()["success_probability"],
    }
    metadata: dict[str, Any] = {
        "optimization_level": options.level,
        "original_depth": before["depth"],
        "compiled_depth": after["depth"],
        "original_gate_count": before["gate_count"],
        "compiled_gate_count": after["gate_count"],
        "two_qubit_count": after["two_qubit_count"],
        "resource_requirements": {"qubits": after["n_qubits"], "duration_s": after["duration_s"]},
        "compilation_time": sum(one.cpu_s for one in scores) + verified_s,
        "before": before,
        "after": after,
        "strategy": best.strategy,
        "strategies": [one.told() for one in scores],
        "passes": [
            *({"name": one.name, "gain": one.gain, "cpu_s": one.seconds} for one in best.stages),
            {"name": "verify", "gain": 0, "cpu_s": verified_s},
        ],
        "from_zero": best.from_zero,
        "reordered": best.reordered is not None,
        "layout": {"initial": list(best.layout), "final": list(best.final)},
        "verified": word,
        "calibration": device.calibration_id,
    }
    return Compiled(best.record, best.layout, best.final, word, winner.timed.to_json(), metadata)
