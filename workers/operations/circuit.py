"""Circuit jobs: one circuit run exactly or for a number of shots."""

from __future__ import annotations

from typing import Any

from shared.circuit.limits import Refused
from shared.circuit.record import CircuitRecord
from workers import backends, warm
from workers.backends.circuits import Asked
from workers.context import Context
from workers.noise.model import NoiseModel
from workers.outcome import Done, UserError
from workers.simulation.readout import readout


def circuit(context: Context) -> Done:
    """Run the job's circuit record on its backend.

    Returns:
        `measured` ("classical bits", or "all qubits" of a circuit without measurements) with `counts` where
        the job has `shots`, else exact `probabilities`; `expectations` by name where it has `observables`;
        `purity`, `entropy_bits` and `fidelity` where it asks to `analyze` them.

    Raises:
        UserError: the circuit cannot be simulated as asked.
        ResourceExhaustedError: too little memory is free now.
    """
    try:
        asked = question(context)
        return Done(heading(asked) | backends.load_circuits(context.spec["backend"]).run(asked))
    except (Refused, ValueError) as error:
        raise UserError(str(error)) from None


def question(context: Context) -> Asked:
    """What the job asks.

    Raises:
        Refused: the record is broken.
        ValueError: an observable is not as wide as the circuit.
    """
    warm.announce(context.note)
    spec = context.spec
    record = CircuitRecord.from_json(spec["circuit"]["record"])
    observables = {item["name"]: item["terms"] for item in spec["observables"]}
    for name, terms in observables.items():
        if (width := len(terms[0][0])) != record.n_qubits:
            raise ValueError(f"observable {name!r} acts on {width} qubits, the circuit has {record.n_qubits}")
    noise = NoiseModel(spec["noise"], record.n_qubits) if spec["noise"] else None
    return Asked(record, noise, spec["shots"], context.seed, observables, spec["analyze"], context.checkpoint)


def heading(asked: Asked) -> dict[str, Any]:
    """What every answer begins with."""
    shots = {} if asked.shots is None else {"shots": asked.shots}
    return {"n_qubits": asked.record.n_qubits, "measured": readout(asked.record).measured, **shots}
