"""Compilation of one circuit for a device: `compile`."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from novacron.specs.circuit import CircuitSpec, width
from novacron.specs.circuit_text import Source
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Flag, Number

if TYPE_CHECKING:
    from typing import Self


class Compile(CircuitSpec):
    """Compile one circuit for a device.

    Attributes:
        circuit: OpenQASM text, or the path of an OpenQASM file; it may have parameters.
        backend: the device, such as `fake:manila`.
        optimization_level: 0 translates to the device's gates, 1 and 2 optimize, 3 searches for the best of
            many.
        routing: the router: `sabre` is NovaCron's own, `qiskit_sabre` Qiskit's; `lookahead` and `basic` are
            simpler.
        scheduling: whether instructions start as late or as soon as possible.
        exact_unitary: whether the result must equal the circuit for every input state, not only for |0...0>.
        free_order: whether the circuit's Pauli rotations may be executed in any order, as those of a Trotter
            step or a UCCSD ansatz.
        compile_budget_s: processor time of all searches of level 3 together.
    """

    kind: Literal["compile"] = "compile"
    circuit: Source
    routing: Literal["sabre", "qiskit_sabre", "lookahead", "basic"] = "sabre"
    scheduling: Literal["alap", "asap"] = "alap"
    exact_unitary: Flag = False
    free_order: Flag = False
    compile_budget_s: Annotated[Number, Field(gt=0, le=3600)] = 10.0

    @property
    def n_qubits(self) -> int | None:
        """Number of qubits the circuit declares, None before the scheduler has parsed it."""
        return width(self.circuit)

    @model_validator(mode="after")
    def _for_a_device(self) -> "Self":
        if ":" not in self.backend:
            raise refuse(
                "must name the device to compile for",
                at=("backend",),
                value=self.backend,
                hint="for example fake:manila",
            )
        return self
