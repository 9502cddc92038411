"""Every error on one data qubit of an encoded state, corrected: the state vector of distance 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from novacron.json_types import Json, JsonObject


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    theta: float
    phi: float


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Encode a state in the rotated surface code of distance 3; apply each error, extract, correct.

    Returns:
        `corrections`: `error` (the Pauli letter and the data qubit, empty for none), `syndrome` (a digit for
        each stabilizer) and `fidelity` with the encoded state after the correction; `worst_fidelity`;
        `n_physical_qubits`.
    """
    from shared.circuits.instruction import Gate
    from workers.quantum.qec.encoded.state import DATA, N_QUBITS, corrected

    rows: list[Json] = []
    worst = 1.0
    for error in ("", *(f"{letter}{qubit}" for letter in "XYZ" for qubit in DATA.values())):
        checkpoint()
        gates = [Gate(error[0].lower(), (int(error[1:]),))] if error else []
        found = corrected(arguments["theta"], arguments["phi"], gates)
        worst = min(worst, found.fidelity)
        rows.append({"error": error, "syndrome": found.syndrome, "fidelity": found.fidelity})
    return {"corrections": rows, "worst_fidelity": worst, "n_physical_qubits": N_QUBITS}
