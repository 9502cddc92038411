"""Request to execute a circuit."""

from __future__ import annotations

from typing import Annotated, Literal

from novacron.specs import Circuit
from novacron.specs.circuit_text import Source
from novacron.specs.noise import NoiseModel
from novacron.specs.schema import TEXT_TOO


class ExecutedCircuit(Circuit):
    """One circuit: the keys of a `pure_quantum` job.

    Attributes:
        circuit: OpenQASM text.
        noise_model: another name of `noise`.
    """

    kind: Literal["pure_quantum"] = "pure_quantum"
    circuit: Annotated[Source, TEXT_TOO]
    noise_model: NoiseModel = None
