"""Circuit jobs: one circuit run exactly or for a number of shots."""

from __future__ import annotations

from typing import Any

from shared.circuit.limits import Refused
from shared.circuit.record import CircuitRecord
from workers.context import Context
from workers.outcome import Done, UserError
from workers.simulation import circuit as simulation
from workers.simulation.pauli import PauliSum


def circuit(context: Context) -> Done:
    """Run the job's circuit record.

    Returns:
        `measured` ("classical bits", or "all qubits" of a circuit without measurements) with `counts` where
        the job has `shots`, else exact `probabilities`; `expectations` by name where it has `observables`.

    Raises:
        UserError: the circuit cannot be simulated as asked.
        ResourceExhaustedError: too little memory is free now.
    """
    try:
        return Done(_run(context))
    except (Refused, ValueError) as error:
        raise UserError(str(error)) from None


def _run(context: Context) -> dict[str, Any]:
    spec = context.spec
    record = CircuitRecord.from_json(spec["circuit"]["record"])
    shots, observables = spec.get("shots"), spec.get("observables") or []
    value: dict[str, Any] = {"n_qubits": record.n_qubits, "measured": simulation.readout(record).measured}
    if shots is None:
        value["probabilities"] = simulation.probabilities(record, context.checkpoint)
    else:
        value["shots"] = shots
        value["counts"] = simulation.counts(record, shots, context.seed, context.checkpoint)
    if observables:
        sums = {item["name"]: PauliSum.from_terms(item["terms"]) for item in observables}
        value["expectations"] = simulation.expectations(record, sums, context.checkpoint)
    return value
