"""Encoded circuit jobs, distributed over tasks: shots are sampled, decoded and corrected in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from novacron.json_types import Json, JsonObject
from novacron.specs import Circuit
from novacron.specs.circuit_text import ParsedCircuit
from shared.circuits.validation import record_from_json
from shared.quantum.encoded import BLOCK
from workers.operations.quantum.circuit import blameless
from workers.quantum.qec.encoded.circuit import Encoded, encode
from workers.quantum.qec.encoded.sampling import DECODER, Sampled, Sampler, merged
from workers.quantum.qec.statistics import CONFIDENCE, interval
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def share(context: Context[Circuit]) -> Done:
    """Run blocks `payload["first"]` to `payload["last"]` - 1.

    Returns their counts, a `Sampled` as JSON.

    Raises:
        SimulatorFault: an internal error of the simulator.
    """
    payload, shots = context.payload, context.spec.shots or 1
    with blameless():
        sampler = Sampler(_encoded(context.spec), context.seed)

        def blocks() -> Iterator[Sampled]:
            for number in range(payload["first"], payload["last"]):
                context.checkpoint()
                yield sampler.block(number, min(BLOCK, shots - number * BLOCK))

        return Done(asdict(merged(blocks())))


def conclude(context: Context[Circuit]) -> Done:
    """Return the job's result, merged from the shares of all its shots.

    Returns:
        `counts`, corrected, and `uncorrected_counts`; `error_correction` with the size of the encoded circuit
        and, if the circuit determines outcomes or sums of them, the rate at which these are wrong, with and
        without correction; `ideal_probabilities` if there is noise.

    Raises:
        SimulatorFault: an internal error of the simulator.
    """
    spec = context.spec
    assert spec.error_correction is not None
    with blameless():
        encoded = _encoded(spec)
        found = merged(Sampled(**part) for part in context.inputs)
    about: JsonObject = {
        **spec.error_correction.model_dump(mode="json"),
        "n_physical_qubits": encoded.n_qubits,
        "rounds": encoded.rounds,
        "n_detectors": encoded.circuit.num_detectors,
        "decoder": DECODER,
        **_rates(encoded, found),
    }
    return Done({
        "n_qubits": spec.n_qubits,
        "measured": encoded.ends.measured,
        "shots": spec.shots,
        "counts": found.counts,
        "uncorrected_counts": found.uncorrected,
        "error_correction": about,
        **_noisy(encoded, spec),
    })  # fmt: skip


def _encoded(spec: Circuit) -> Encoded:
    assert isinstance(spec.circuit, ParsedCircuit), "circuits are parsed at submission"
    assert spec.error_correction is not None, "only encoded circuits are planned so"
    record = record_from_json(spec.circuit.record)
    noise = None if spec.noise is None else spec.noise.document
    return encode(record, spec.error_correction.distance, noise)


def _noisy(encoded: Encoded, spec: Circuit) -> JsonObject:
    """Return what a result has only with noise."""
    if spec.noise is None:
        return {}
    receipt: dict[str, Json] = {
        "noise_applied": ", ".join(encoded.approximations) or "as it is: Pauli channels"
    }
    if (distance := encoded.distance()) is not None:
        receipt["circuit_distance"] = distance
    return {"ideal_probabilities": encoded.ideal(), "receipt": receipt}


def _rates(encoded: Encoded, found: Sampled) -> dict[str, Any]:
    """Return the logical error rates with intervals, if anything is certain."""
    if not encoded.certain:
        return {}
    rates = {"logical_error_rate": found.errors, "uncorrected_error_rate": found.uncorrected_errors}
    told: dict[str, Any] = {"confidence": CONFIDENCE}
    for name, errors in rates.items():
        low, high = interval(errors, found.shots)
        told |= {name: errors / found.shots, f"{name}_low": low, f"{name}_high": high}
    return told
