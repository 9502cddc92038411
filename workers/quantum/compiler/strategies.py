"""The strategies by name; each gives one candidate, independently of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.circuits.instruction import If
from shared.circuits.record import CircuitRecord
from shared.quantum import portfolio
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
from workers.quantum.compiler.router.search import FAR, NEAR


def _knows(work: Work) -> bool:
    return KnownState().estimate(work) > 0


def _fits_line(work: Work) -> bool:
    return bool(work.region.line(work.circuit.num_qubits))


CONDITIONS: dict[str, Callable[[Work], bool]] = {
    "known_state": _knows, "known_state_router": _knows, "line": _fits_line,
}  # fmt: skip
"""Strategies that do not apply to every circuit: name -> whether one does, by the simplified circuit."""


def attempt(record: CircuitRecord, region: Region, options: Options, name: str) -> Candidate | None:
    """Return what a strategy makes of a circuit, None if it does not apply.

    Args:
        record: the circuit.
        region: where it is compiled to.
        options: how.
        name: of the strategy, as `shared.quantum.portfolio` lists them.
    """
    work = Work(to_circuit(record), region, options)
    if name in portfolio.PRESETS or name == "basic":
        work = base.run([_preset(name, options)], work)
    else:
        if any(isinstance(item, If) for item in record.instructions):
            return None
        work = base.run([Simplify()], work)
        if name in CONDITIONS and not CONDITIONS[name](work):
            return None
        work = base.run(_searching(name, options, _search_s(name, work)), work)
    assert work.layout is not None and work.final is not None, "every strategy routes"
    made = to_record(work.circuit, record, region.sites, region.device.n_qubits)
    layout, final = (tuple(region.sites[k] for k in places) for places in (work.layout, work.final))
    return Candidate(made, layout, final, name, work.from_zero, work.stages)


def _preset(name: str, options: Options) -> Preset:
    if name == "basic":
        return Preset(options.level, "basic", options.seed)
    level, salt = portfolio.PRESETS[name]
    return Preset(level, "sabre", options.seed ^ salt)


def _searching(name: str, options: Options, budget_s: float) -> Sequence[Pass]:
    """Return the passes of a strategy after the simplification."""
    seed = options.seed
    match name:
        case "lookahead":
            return [Route(0.0, (seed,), plain=True), Resynthesise()]
        case "router_near":
            return [Route(budget_s, (seed, 1), NEAR), Resynthesise()]
        case "router_far":
            return [Route(budget_s, (seed, 2), FAR), Resynthesise()]
        case "line":
            return [Route(budget_s, (seed, 3), on_line=True), Resynthesise()]
        case "known_state":
            return [KnownState(), Preset(2, "sabre", seed)]
        case "known_state_router":
            return [KnownState(), Route(budget_s, (seed,)), Resynthesise()]
    return [Route(budget_s, (seed,)), Resynthesise()]


def _search_s(name: str, work: Work) -> float:
    """Return the budget of a search; at level 3 the first one gets those of strategies that do not apply."""
    level, budget_s = work.options.level, work.options.budget_s
    names = [name]
    if name == "router" and level == 3:
        names += [one for one, applies in CONDITIONS.items() if not applies(work)]
    return sum(portfolio.search_s(one, level, budget_s) for one in names)
