"""Whether a noise model fits the circuit it is for."""

from __future__ import annotations

from collections.abc import Iterator

from novacron.errors import BadInput, nearest
from novacron.specs.channel import AnyError, Crosstalk
from novacron.specs.noise import Noise
from shared.circuit.gates import GATES

FOLLOWED = (*(name for name in GATES if name != "gphase"), "unitary", "reset")
"""What errors can follow."""


def check(noise: Noise, n_qubits: int) -> None:
    """Refuse gates that there are not, and qubits that the circuit or the device has not.

    A model of a device may have more qubits than the circuit, never fewer.

    Raises:
        BadInput: names the field, the value and the rule.
    """
    if noise.n_qubits is not None and n_qubits > noise.n_qubits:
        rule = f"is for {noise.n_qubits} qubits, the circuit has {n_qubits}"
        raise BadInput(rule, field="noise.n_qubits", value=noise.n_qubits, hint="use fewer qubits")
    limit, owner = (n_qubits, "circuit") if noise.n_qubits is None else (noise.n_qubits, "device")
    for field, qubit in _qubits(noise):
        if qubit >= limit:
            rule = f"must be one of the qubits 0 to {limit - 1} of the {owner}"
            raise BadInput(rule, field=field, value=qubit)
    for position, error in enumerate(noise.errors):
        _check_gates(error, f"noise.errors[{position}].gates")


def _check_gates(error: AnyError, field: str) -> None:
    for place, name in enumerate(error.gates or ()):
        if name not in FOLLOWED:
            near = nearest(name, FOLLOWED)
            hint = f"did you mean {near!r}?" if near else f"known: {', '.join(FOLLOWED)}"
            raise BadInput("is no gate of circuits", field=f"{field}[{place}]", value=name, hint=hint)


def _qubits(noise: Noise) -> Iterator[tuple[str, int]]:
    for position, error in enumerate(noise.errors):
        field = f"noise.errors[{position}]"
        for index, place in enumerate(error.gate_qubits or ()):
            yield f"{field}.gate_qubits[{index}]", max(place)
        for index, qubit in enumerate(error.qubits or ()):
            yield f"{field}.qubits[{index}]", qubit
        if isinstance(error, Crosstalk):
            for index, (i, j, _) in enumerate(error.pairs):
                yield f"{field}.pairs[{index}]", max(i, j)
    for position, entry in enumerate(noise.readout):
        for index, qubit in enumerate(entry.qubits or ()):
            yield f"noise.readout[{position}].qubits[{index}]", qubit
