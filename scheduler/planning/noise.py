"""Whether a noise model fits its circuit, and which parts of it have no effect there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from novacron.errors import BadInput, nearest
from novacron.specs.channel import AnyError, Crosstalk, ThermalRelaxation
from novacron.specs.named_noise import NAMED
from novacron.specs.noise import Noise
from shared.circuits.gates import ELSEWHERE, GATES
from shared.circuits.strikes import UNSTRUCK, Fault, Operation, struck

FOLLOWED = (*(name for name in GATES if name != "gphase"), "unitary", "reset")
"""Operations that errors can follow."""
VIRTUAL = frozenset({"reset", "id", "z", "s", "sdg", "t", "tdg", "rz", "p"})
"""Gates that devices implement virtually, without error, or that calibrations omit."""
CALLED = {
    **ELSEWHERE, "CX": "cx", "phase": "p", "u1": "p", "u2": "u", "u3": "u", "U": "u", "cphase": "cp",
    "cu1": "cp", "cu3": "cu", "mcx": "ccx",
}  # fmt: skip
"""Names of gates in files and libraries -> names in circuit records."""
SHOWN = 6


def check(noise: Noise, n_qubits: int) -> None:
    """Refuse unknown gates, and qubits that the circuit or the device does not have.

    A device's model may have more qubits than the circuit, never fewer.

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
    if noise.calibration is not None:
        return _check_calibrated(noise)
    for position, error in enumerate(noise.errors):
        _check_gates(error, f"noise.errors[{position}].gates")


def _check_calibrated(noise: Noise) -> None:
    """Refuse gates that circuit records name differently; other gates of the device cause a warning."""
    for name in _foreign(noise):
        if name in CALLED:
            rule = f"has figures of the gate {name!r}, which circuits call {CALLED[name]!r}"
            hint = "write that name in the calibration"
            raise BadInput(rule, field="noise.calibration", value=noise.calibration, hint=hint)


def _foreign(noise: Noise) -> list[str]:
    """Return the distinct names in the errors' gate lists that are no gates of circuits."""
    return list(dict.fromkeys(n for error in noise.errors for n in error.gates or () if n not in FOLLOWED))


def _check_gates(error: AnyError, field: str) -> None:
    for place, name in enumerate(error.gates or ()):
        if name not in FOLLOWED:
            near = CALLED.get(name) or nearest(name, FOLLOWED)
            own = "own gates of a file are what they consist of"
            hint = f"did you mean {near!r}?" if near else f"{own}; known: {', '.join(FOLLOWED)}"
            raise BadInput("is no gate of circuits", field=f"{field}[{place}]", value=name, hint=hint)


def _qubits(noise: Noise) -> Iterator[tuple[str, int]]:
    for position, error in enumerate(noise.errors):
        field = f"noise.errors[{position}]"
        for index, place in enumerate(error.gate_qubits or ()):
            for inner, qubit in enumerate(place):
                yield f"{field}.gate_qubits[{index}][{inner}]", qubit
        for index, qubit in enumerate(error.qubits or ()):
            yield f"{field}.qubits[{index}]", qubit
        if isinstance(error, Crosstalk):
            for index, (i, j, _) in enumerate(error.pairs):
                yield f"{field}.pairs[{index}]", max(i, j)
    for position, entry in enumerate(noise.readout):
        for index, qubit in enumerate(entry.qubits or ()):
            yield f"noise.readout[{position}].qubits[{index}]", qubit


def warnings(noise: Noise | None, operations: Iterable[Operation], n_qubits: int) -> Iterator[str]:
    """Yield warnings about parts of a model that have no effect on a circuit, or a different one than stated.

    Args:
        noise: the model, None for none.
        operations: operations of the circuit, each with its qubits.
        n_qubits: qubits of the circuit.
    """
    if noise is None:
        return
    gates = [one for one in operations if one[0] not in UNSTRUCK and one[1]]
    faults = noise.document["errors"]
    hit = [any(struck(fault, gate, n_qubits) for gate in gates) for fault in faults]
    yield from _long_coherence(noise, hit)
    if noise.calibration is not None:
        if foreign := _foreign(noise):
            named = f"the calibration {noise.calibration!r} has figures of"
            yield f"{named} {_short(foreign)}, which are no gates of circuits: they have no effect"
        yield from _uncalibrated(noise.calibration, faults, gates, n_qubits)
        yield from _random(noise.calibration, faults, gates, n_qubits)
        yield from _decaying(noise.calibration, faults, gates, n_qubits)
    elif any(noise == Noise(**NAMED[name]) for name in NAMED):
        if not any(hit):
            yield f"no error of the noise model matches a gate of the circuit, which has {_listed(gates)}"
    else:
        for position, (fault, strikes) in enumerate(zip(faults, hit, strict=True)):
            if not strikes:
                what = f"noise.errors[{position}] ({fault['name']}{_followed(fault)})"
                yield f"{what} matches no gate of the circuit, which has {_listed(gates)}"


def _long_coherence(noise: Noise, hit: list[bool]) -> Iterator[str]:
    """Warn of T2 above 2 T1 in an error that applies to the circuit."""
    found: dict[str, None] = {}
    for position, (error, strikes) in enumerate(zip(noise.errors, hit, strict=True)):
        if strikes and isinstance(error, ThermalRelaxation) and error.t2_s > 2 * error.t1_s:
            qubits = ", ".join(map(str, error.qubits or ()))
            found[f"qubit {qubits}" if qubits else f"noise.errors[{position}]"] = None
    if found:
        places = ", ".join(found)
        yield f"T2 is above 2 T1 ({places}), which no process allows: T2 = 2 T1 is taken there"


def _uncalibrated(
    name: str, faults: Sequence[Fault], gates: Sequence[Operation], n_qubits: int
) -> Iterator[str]:
    """Warn of gates for which a calibration has no error, except those that devices perform without error."""
    free = [
        gate
        for gate in gates
        if gate[0] not in VIRTUAL and not any(struck(fault, gate, n_qubits) for fault in faults)
    ]
    if free:
        yield f"the calibration {name!r} has no error for {_listed(free)}: they run without error"


def _random(name: str, faults: Sequence[Fault], gates: Sequence[Operation], n_qubits: int) -> Iterator[str]:
    """Warn of gates whose calibrated error is the greatest there is: devices report 1 for unknown ones."""
    full = [fault for fault in faults if fault["name"] == "depolarizing" and fault["p"] >= 1]
    found = [gate for gate in gates if any(struck(fault, gate, n_qubits) for fault in full)]
    if found:
        yield (
            f"the calibration {name!r} has an error for {_listed(found)} that leaves the qubits random; "
            "devices report an error of 1 for gates that are not calibrated"
        )


def _decaying(name: str, faults: Sequence[Fault], gates: Sequence[Operation], n_qubits: int) -> Iterator[str]:
    """Warn of gates without an error beside relaxation, in a calibration that states errors of gates."""
    if all(fault["name"] != "depolarizing" for fault in faults):
        return

    def after(gate: Operation) -> set[str]:
        return {fault["name"] for fault in faults if any(True for _ in struck(fault, gate, n_qubits))}

    found = [gate for gate in dict.fromkeys(gates) if after(gate) == {"thermal_relaxation"}]
    if found:
        yield (
            f"the calibration {name!r} states a smaller error for {_listed(found)} than that of relaxation "
            "during the gate, or none: relaxation is its whole error"
        )


def _followed(fault: Fault) -> str:
    phrases = {"gates": " after", "gate_qubits": " on the gate's qubits", "qubits": " on qubits"}
    parts = (f"{word} {_short(fault[key])}" for key, word in phrases.items() if fault[key] is not None)
    return "".join(parts)


def _short(values: Sequence[object]) -> str:
    shown = ", ".join(map(str, values[:SHOWN]))
    return shown + (", ..." if len(values) > SHOWN else "")


def _listed(gates: Sequence[Operation]) -> str:
    """Return the gates by name, with the qubits they act on."""
    by_name: dict[str, list[str]] = {}
    for name, qubits in gates:
        by_name.setdefault(name, []).append(str(list(qubits)))
    return "; ".join(f"{name} on {_short(places)}" for name, places in by_name.items()) or "none"
