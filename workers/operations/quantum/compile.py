"""Compilation jobs: one circuit, compiled for a device, in one task or with a task for each strategy."""

from __future__ import annotations

from novacron.json_types import JsonObject
from novacron.specs import Compile
from novacron.specs.circuit_text import ParsedCircuit
from shared.circuits.record import CircuitRecord
from shared.circuits.validation import record_from_json
from shared.quantum import devices, portfolio
from workers.quantum import compiler
from workers.quantum.compiler import Compiled, Options
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
    record, device, chosen = circuit(context), devices.load(context.device), options(context)
    return Done(_result(context, compiler.compile(record, device, chosen)))


def enter(context: Context[Compile]) -> Done:
    """Compile the job's circuit by one strategy; payload: `strategy`, its name.

    Returns:
        `entry`, the candidate with its score, None if the strategy does not apply.
    """
    record, device, chosen = circuit(context), devices.load(context.device), options(context)
    made = compiler.enter(record, device, chosen, context.payload["strategy"])
    return Done({"entry": None if made is None else made.to_json()})


def conclude(context: Context[Compile]) -> Done:
    """Choose the best of the candidates that the parent tasks made, and verify it.

    Returns:
        As `compile`.

    Raises:
        MiscompiledError: an internal error of the compiler.
    """
    entries = [one["entry"] for one in context.inputs if one["entry"] is not None]
    record, device, chosen = circuit(context), devices.load(context.device), options(context)
    return Done(_result(context, compiler.conclude(record, device, chosen, entries)))


def circuit(context: Context[Compile]) -> CircuitRecord:
    """Return the job's circuit."""
    assert isinstance(context.spec.circuit, ParsedCircuit), "circuits are parsed at submission"
    return record_from_json(context.spec.circuit.record)


def options(context: Context[Compile]) -> Options:
    """Return the compiler's options of a job."""
    spec = context.spec
    return Options(
        level=spec.optimization_level, seed=context.seed, routing=spec.routing, scheduling=spec.scheduling,
        exact_unitary=spec.exact_unitary, budget_s=spec.compile_budget_s, free_order=spec.free_order,
    )  # fmt: skip


def _result(context: Context[Compile], made: Compiled) -> JsonObject:
    if doubt := compiler.DOUBTS.get(made.verified):
        context.warn(doubt)
    return {**made.to_json(), "receipt": {"verified": made.verified, "compiler": portfolio.VERSION}}
