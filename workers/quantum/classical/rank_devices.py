"""Devices for a circuit, by the estimated probability that it succeeds there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from novacron.json_types import JsonObject
from shared.circuits.reader import read
from shared.quantum import devices


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    circuit: str
    optimization_level: int


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Compile a circuit for each simulated device that it fits.

    Returns:
        `devices`, best first: `name` as a job's backend, `qubit_count`, `success_probability`,
        `two_qubit_count`, `duration_s`; `too_small`, the number of devices that it does not fit.

    Raises:
        BadInput: the circuit is malformed.
    """
    from workers.quantum.compiler import Options, compile

    record = read(arguments["circuit"])
    options = Options(level=arguments["optimization_level"], seed=seed)
    rows, too_small = [], 0
    for name in devices.names():
        checkpoint()
        device = devices.load(name)
        if record.n_qubits > device.size:
            too_small += 1
            continue
        after = compile(record, device, options).metadata["after"]
        told = ("success_probability", "two_qubit_count", "duration_s")
        rows.append({
            "name": f"fake:{name}", "qubit_count": device.n_qubits, **{key: after[key] for key in told}
        })  # fmt: skip
    rows.sort(key=lambda row: (-row["success_probability"], row["name"]))
    return {"devices": rows, "too_small": too_small}
