"""The strategies of each level; each gives one candidate, independently of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.circuits.instruction import If
from shared.circuits.record import CircuitRecord
from workers.quantum.compiler.compiled import Candidate, Options
from workers.quantum.compiler.conversion import to_circuit, to_record
from workers.quantum.compiler.passes import base
from workers.quantum.compiler.passes.base import Pass, Work
from workers.quantum.compiler.passes.preset import Preset
from workers.quantum.compiler.region import Region

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to compile a circuit.

    Attributes:
        name: shown in the metadata.
        passes: in order.
    """

    name: str
    passes: Sequence[Pass]


def strategies(record: CircuitRecord, options: Options) -> list[Strategy]:
    """Return the strategies of a job, the same for the same job everywhere."""
    seed = options.seed
    if options.routing == "lookahead":
        return [_routed("lookahead", options, 0.0, plain=True)]
    if options.routing == "basic":
        return [_preset(options.level, seed, "basic")]
    if options.routing == "qiskit_sabre" or options.level < 2 or not own(record):
        return [_preset(options.level, seed)]
    if options.level == 2:
        return [_preset(2, seed), _routed("router", options, 1.0)]
    return [_preset(2, seed), _preset(3, seed), _routed("router", options, options.budget_s)]


def own(record: CircuitRecord) -> bool:
    """Return whether the router can take a circuit: without conditions."""
    return not any(isinstance(item, If) for item in record.instructions)


def attempt(record: CircuitRecord, region: Region, options: Options, strategy: Strategy) -> Candidate:
    """Return what a strategy makes of a circuit."""
    work = base.run(strategy.passes, Work(to_circuit(record), region, options))
    assert work.layout is not None and work.final is not None, "every strategy routes"
    made = to_record(work.circuit, record, region.sites, region.device.n_qubits)
    layout, final = (tuple(region.sites[k] for k in places) for places in (work.layout, work.final))
    return Candidate(made, layout, final, strategy.name, work.from_zero, work.stages)


def _preset(level: int, seed: int, routing: str = "sabre") -> Strategy:
    return Strategy(f"qiskit_level_{level}", [Preset(level, routing, seed)])  # type: ignore[arg-type]


def _routed(name: str, options: Options, budget_s: float, *, plain: bool = False) -> Strategy:
    # Imported here: the router's machine code takes a moment to load, and levels 0 and 1 need none.
    from workers.quantum.compiler.passes.resynthesis import Resynthesise
    from workers.quantum.compiler.passes.routing import Route
    from workers.quantum.compiler.passes.simplify import Simplify

    return Strategy(name, [Simplify(), Route(budget_s, (options.seed,), plain), Resynthesise()])
