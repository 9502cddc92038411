"""The strategies of each level; each gives one candidate, independently of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.circuits.instruction import If
from shared.circuits.record import CircuitRecord
from workers.quantum.compiler.compiled import Candidate, Options
from workers.quantum.compiler.conversion import to_circuit, to_record
from workers.quantum.compiler.passes import base
from workers.quantum.compiler.passes.base import Pass, Work
from workers.quantum.compiler.passes.known_state import KnownState
from workers.quantum.compiler.passes.preset import Preset
from workers.quantum.compiler.passes.resynthesis import Resynthesise
from workers.quantum.compiler.passes.routing import Route
from workers.quantum.compiler.passes.simplify import Simplify
from workers.quantum.compiler.region import Region

LEVEL_2_BUDGET_S = 1.0


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to compile a circuit.

    Attributes:
        name: shown in the metadata.
        passes: in order.
    """

    name: str
    passes: Sequence[Pass]


def strategies(record: CircuitRecord, region: Region, options: Options) -> list[Strategy]:
    """Return the strategies of a job, the same for the same job everywhere."""
    seed = options.seed
    if options.routing == "lookahead":
        return [_routed("lookahead", options, 0.0, plain=True)]
    if options.routing == "basic":
        return [_preset(options.level, seed, "basic")]
    if options.routing == "qiskit_sabre" or options.level < 2 or not own(record):
        return [_preset(options.level, seed)]
    budget_s = LEVEL_2_BUDGET_S if options.level == 2 else options.budget_s
    found = [_preset(level, seed) for level in range(2, options.level + 1)]
    found.append(_routed("router", options, budget_s))
    if _gains(record, region, options):
        first: list[Pass] = [Simplify(), KnownState()]
        found.append(Strategy("known_state", [*first, Preset(2, "sabre", seed)]))
        found.append(_routed("known_state_router", options, budget_s, first))
    return found


def _gains(record: CircuitRecord, region: Region, options: Options) -> bool:
    """Return whether knowing the input saves gates."""
    work = Simplify().run(Work(to_circuit(record), region, options))
    return KnownState().estimate(work) > 0


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


def _preset(level: int, seed: int, routing: Literal["sabre", "basic"] = "sabre") -> Strategy:
    return Strategy(f"qiskit_level_{level}", [Preset(level, routing, seed)])


def _routed(
    name: str,
    options: Options,
    budget_s: float,
    first: Sequence[Pass] = (Simplify(),),
    *,
    plain: bool = False,
) -> Strategy:
    return Strategy(name, [*first, Route(budget_s, (options.seed,), plain), Resynthesise()])
