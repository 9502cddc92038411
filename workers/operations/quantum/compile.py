"""Compilation jobs: one circuit, compiled for a device."""

from __future__ import annotations

from novacron.specs import Compile
from novacron.specs.circuit_text import ParsedCircuit
from shared.circuits.validation import record_from_json
from shared.quantum import devices
from workers.quantum import compiler
from workers.quantum.compiler import Options
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def compile(context: Context[Compile]) -> Done:
    """Compile the job's circuit for its device.

    Returns:
        `circuit`, the record on the device's qubits; `layout`, the device qubit of each qubit at the
        beginning (`initial`) and at the end (`final`); `verified`, how equality was shown; `metadata`.

    Raises:
        MiscompiledError: an internal error of the compiler.
    """
    spec = context.spec
    assert isinstance(spec.circuit, ParsedCircuit), "circuits are parsed at submission"
    record = record_from_json(spec.circuit.record)
    made = compiler.compile(record, devices.load(context.device), options(spec, context.seed))
    if doubt := compiler.DOUBTS.get(made.verified):
        context.warn(doubt)
    return Done({**made.to_json(), "receipt": {"verified": made.verified, "compiler": compiler.VERSION}})


def options(spec: Compile, seed: int) -> Options:
    """Return the compiler's options of a job."""
    return Options(
        level=spec.optimization_level, seed=seed, routing=spec.routing, scheduling=spec.scheduling,
        exact_unitary=spec.exact_unitary, budget_s=spec.compile_budget_s,
    )  # fmt: skip
