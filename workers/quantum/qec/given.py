"""Circuits that users give: read, checked, and matched with decoders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import stim

from novacron.errors import BadInput
from novacron.specs.stim_text import MOST_DETECTORS
from workers.quantum.qec.decoders import DECODERS

if TYPE_CHECKING:
    from workers.quantum.qec.decoders import Decode

FIELD = "circuit"
_DETECTOR = re.compile(r"^\s+([DL])(\d+)", re.MULTILINE)
"""A line of Stim's list of the detectors and observables that are not deterministic."""


def read(text: str) -> stim.Circuit:
    """Return the circuit.

    Raises:
        BadInput: it is no circuit of Stim, has no observable, no noise or too many detectors, or a detector
            or an observable that is not deterministic without noise.
    """
    try:
        circuit = stim.Circuit(text)
    except (ValueError, IndexError) as error:
        raise BadInput(f"is no circuit of Stim: {_first_line(error)}", field=FIELD) from None
    if not circuit.num_observables:
        hint = "add OBSERVABLE_INCLUDE instructions"
        raise BadInput("has no observable: nothing can be predicted wrongly", field=FIELD, hint=hint)
    if not 0 < circuit.num_detectors <= MOST_DETECTORS:
        rule = f"must have 1 to {MOST_DETECTORS:,} detectors"
        raise BadInput(rule, field=FIELD, value=f"{circuit.num_detectors:,} detectors")
    try:
        faults = circuit.detector_error_model(approximate_disjoint_errors=True)
    except ValueError as error:
        raise _undetermined(str(error)) from None
    if not faults.num_errors:
        raise BadInput("has no noise: nothing can go wrong", field=FIELD, hint="add noise instructions")
    return circuit


def model(circuit: stim.Circuit, decoder: str) -> stim.DetectorErrorModel:
    """Return the detector error model as a decoder takes it.

    Raises:
        BadInput: the decoder cannot take the circuit; the message names those that can.
    """
    try:
        return _compiled(circuit, decoder)[0]
    except ValueError as error:
        others = (name for name, one in DECODERS.items() if name != decoder and not one.missing)
        able = [name for name in others if _takes(circuit, name)]
        rule = f"cannot decode this circuit: {_first_line(error)}"
        hint = f"{', '.join(able)} can" if able else "no decoder here can"
        raise BadInput(rule, field="decoder", value=decoder, hint=hint) from None


def _compiled(circuit: stim.Circuit, decoder: str) -> tuple[stim.DetectorErrorModel, Decode]:
    chosen = DECODERS[decoder]
    faults = circuit.detector_error_model(
        decompose_errors=chosen.decomposes, approximate_disjoint_errors=True
    )
    return faults, chosen.compile(faults)


def _takes(circuit: stim.Circuit, decoder: str) -> bool:
    try:
        _compiled(circuit, decoder)
    except ValueError:
        return False
    return True


def _undetermined(message: str) -> BadInput:
    found = _DETECTOR.search(message)
    if found is None:
        return BadInput(f"has no detector error model: {_first_line(message)}", field=FIELD)
    what = "detector" if found[1] == "D" else "observable"
    rule = f"{what} {found[2]} is not deterministic: its parity is random without noise, too"
    return BadInput(rule, field=FIELD, value=found[1] + found[2], hint="leave it out, or mend its records")


def _first_line(error: object) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")
