"""Combinatorial problems as spins: what QAOA maximises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workers.quantum.simulation.ir.pauli import PauliSum
from workers.runtime.outcome import UserError


@dataclass
class Ising:
    """gain(z) = constant + sum fields[i] z_i + sum couplings[i, j] z_i z_j, to maximise; z_i = 1 for bit 0.

    Attributes:
        n_spins: number of spins, nodes or variables; spin i is bit i of a bitstring.
        maximise: whether people call the gain the value (MaxCut), or its negative (QUBO, Ising).
        constant: of the gain.
        fields: spin -> coefficient.
        couplings: (i, j) with i < j -> coefficient.
    """

    n_spins: int
    maximise: bool
    constant: float = 0.0
    fields: dict[int, float] = field(default_factory=dict)
    couplings: dict[tuple[int, int], float] = field(default_factory=dict)

    def value(self, gain: float) -> float:
        """What people call the value of a gain."""
        return gain if self.maximise else 0.0 - gain

    def add(self, i: int, j: int, coefficient: float) -> None:
        """Adds coefficient z_i z_j; equal spins make a constant."""
        if i == j:
            self.constant += coefficient
        else:
            pair = (min(i, j), max(i, j))
            self.couplings[pair] = self.couplings.get(pair, 0.0) + coefficient

    def add_field(self, i: int, coefficient: float) -> None:
        """Adds coefficient z_i."""
        self.fields[i] = self.fields.get(i, 0.0) + coefficient

    @property
    def scale(self) -> float:
        """Root mean square of the field on a spin among random others; 1 where there is none."""
        square = sum(h * h for h in self.fields.values()) + 2.0 * sum(c * c for c in self.couplings.values())
        return float((square / self.n_spins) ** 0.5) or 1.0

    def loss(self) -> PauliSum:
        """Minus the gain as a sum of Z strings: what a loop minimises."""
        n = self.n_spins
        sums = {(0, 0): -self.constant}
        sums |= {(0, 1 << (n - 1 - i)): -h for i, h in self.fields.items()}
        sums |= {(0, 1 << (n - 1 - i) | 1 << (n - 1 - j)): -c for (i, j), c in self.couplings.items()}
        return PauliSum.from_masks(n, sums)


def ising(problem: Mapping[str, Any]) -> Ising:
    """The gain of a job's `problem`: {"maxcut": ...}, {"qubo": ...} or {"ising": ...}.

    Raises:
        UserError: a spin outside the problem, or weights that do not fit the edges.
    """
    if "maxcut" in problem:
        return _maxcut(problem["maxcut"])
    if "qubo" in problem:
        return _qubo(problem["qubo"])
    return _ising(problem["ising"])


def _maxcut(graph: Mapping[str, Any]) -> Ising:
    edges, n = graph["edges"], graph["n_nodes"]
    weights = graph.get("weights") or [1.0] * len(edges)
    if len(weights) != len(edges):
        raise UserError(
            f"problem.maxcut.weights: {len(weights)} weights for {len(edges)} edges; give one an edge"
        )
    gain = Ising(n, maximise=True)
    for (a, b), weight in zip(edges, weights, strict=True):
        _within("problem.maxcut.edges", n, a, b)
        gain.constant += 0.5 * weight
        gain.add(a, b, -0.5 * weight)
    return gain


def _qubo(qubo: Mapping[str, Any]) -> Ising:
    """Bits are (1 - z) / 2: minus (constant + sum l_i b_i + sum q_ij b_i b_j)."""
    n = qubo["n_variables"]
    gain = Ising(n, maximise=False, constant=-float(qubo.get("constant") or 0.0))
    quadratic = [(i, j, q) for i, j, q in qubo.get("quadratic") or () if i != j]
    linear = list(enumerate(qubo.get("linear") or ()))
    linear += [(i, q) for i, j, q in qubo.get("quadratic") or () if i == j]
    for i, weight in linear:
        _within("problem.qubo.linear", n, i)
        gain.constant -= 0.5 * weight
        gain.add_field(i, 0.5 * weight)
    for i, j, weight in quadratic:
        _within("problem.qubo.quadratic", n, i, j)
        gain.constant -= 0.25 * weight
        gain.add_field(i, 0.25 * weight)
        gain.add_field(j, 0.25 * weight)
        gain.add(i, j, -0.25 * weight)
    return gain


def _ising(spins: Mapping[str, Any]) -> Ising:
    n = spins["n_spins"]
    gain = Ising(n, maximise=False, constant=-float(spins.get("constant") or 0.0))
    for i, h in enumerate(spins.get("h") or ()):
        _within("problem.ising.h", n, i)
        gain.add_field(i, -h)
    for i, j, coupling in spins.get("J") or ():
        _within("problem.ising.J", n, i, j)
        gain.add(i, j, -coupling)
    return gain


def _within(where: str, n: int, *spins: int) -> None:
    for spin in spins:
        if not 0 <= spin < n:
            raise UserError(f"{where}: {spin} is outside 0..{n - 1}")
