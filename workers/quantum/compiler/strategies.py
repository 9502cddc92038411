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
from workers.quantum.compiler.passes.pauli_gadgets import PauliGadgets
from workers.quantum.compiler.passes.preset import Preset
from workers.quantum.compiler.passes.resynthesis import Resynthesise
from workers.quantum.compiler.passes.routing import Route
from workers.quantum.compiler.passes.simplify import Simplify
from workers.quantum.compiler.region import Region
from workers.quantum.compiler.router.search import FAR, NEAR


def _knows(work: Work) -> bool:
    return KnownState().estimate(base.run([Simplify()], work)) > 0


def _fits_line(work: Work) -> bool:
    return bool(work.region.line(work.circuit.num_qubits))


def _has_gadgets(work: Work) -> bool:
    return PauliGadgets().estimate(work) > 0


def _may_reorder(work: Work) -> bool:
    return work.options.free_order and PauliGadgets(free_order=True).estimate(work) > 0


CONDITIONS: dict[str, Callable[[Work], bool]] = {
    "known_state": _knows, "known_state_router": _knows, "line": _fits_line, "gadgets": _has_gadgets,
    "reordered_gadgets": _may_reorder,
}  # fmt: skip
"""Strategies that do not apply to every circuit: name -> whether one does."""


def attempt(record: CircuitRecord, region: Region, options: Options, name: str) -> Candidate | None:
    """Return what a strategy makes of a circuit, None if it does not apply.

    Args:
        record: the circuit.
        region: where it is compiled to.
        options: how.
        name: of the strategy, as `shared.quantum.portfolio` lists them.
    """
    preset = name in portfolio.PRESETS or name == "basic"
    if not preset and any(isinstance(item, If) for item in record.instructions):
        return None
    work = Work(to_circuit(record), region, options)
    if name in CONDITIONS and not CONDITIONS[name](work):
        return None
    chosen = [_preset(name, options)] if preset else _searching(name, options, _search_s(name, work))
    work = base.run(chosen, work)
    assert work.layout is not None and work.final is not None, "every strategy routes"
    made = to_record(work.circuit, record, region.sites, region.device.n_qubits)
    layout, final = (tuple(region.sites[k] for k in places) for places in (work.layout, work.final))
    order = work.reordered
    reordered = None if order is None else to_record(order, record, range(record.n_qubits), record.n_qubits)
    return Candidate(made, layout, final, name, work.from_zero, work.stages, reordered)


def _preset(name: str, options: Options) -> Preset:
    if name == "basic":
        return Preset(options.level, "basic", options.seed)
    level, salt = portfolio.PRESETS[name]
    return Preset(level, "sabre", options.seed ^ salt)


def _searching(name: str, options: Options, budget_s: float) -> Sequence[Pass]:
    """Return the passes of a strategy of our own."""
    seed, gadgets = options.seed, PauliGadgets()
    match name:
        case "lookahead":
            return [Simplify(), Route(0.0, (seed,), plain=True), Resynthesise()]
        case "router_near":
            return [gadgets, Simplify(), Route(budget_s, (seed, 1), NEAR), Resynthesise()]
        case "router_far":
            return [gadgets, Simplify(), Route(budget_s, (seed, 2), FAR), Resynthesise()]
        case "line":
            return [Simplify(), Route(budget_s, (seed, 3), on_line=True), Resynthesise()]
        case "gadgets":
            return [gadgets, Simplify(), Route(budget_s, (seed,)), Resynthesise()]
        case "reordered_gadgets":
            return [PauliGadgets(free_order=True), Simplify(), Route(budget_s, (seed,)), Resynthesise()]
        case "known_state":
            return [Simplify(), KnownState(), Preset(2, "sabre", seed)]
        case "known_state_router":
            return [Simplify(), KnownState(), Route(budget_s, (seed,)), Resynthesise()]
    return [Simplify(), Route(budget_s, (seed,)), Resynthesise()]


def _search_s(name: str, work: Work) -> float:
    """Return the budget of a search; at level 3 `router` gets those of the strategies that do not apply."""
    level, budget_s = work.options.level, work.options.budget_s
    names = [name]
    if name == "router" and level == 3:
        names += [one for one, applies in CONDITIONS.items() if not applies(work)]
    return sum(portfolio.search_s(one, level, budget_s) for one in names)
