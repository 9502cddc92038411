"""Combinatorial problems as Ising models: what QAOA maximises."""

from __future__ import annotations

from dataclasses import dataclass, field

from novacron.specs import problem as specs
from novacron.specs.problem import IsingProblem, MaxCutProblem, QuboProblem
from workers.quantum.simulation.ir.pauli import PauliSum


@dataclass
class Ising:
    """gain(z) = constant + sum fields[i] z_i + sum couplings[i, j] z_i z_j, to maximise; z_i = 1 for bit 0.

    Attributes:
        n_spins: number of spins, nodes or variables; spin i is bit i of a bitstring.
        maximise: whether the reported value is the gain (MaxCut), or its negative (QUBO, Ising).
        constant: constant of the gain.
        fields: spin -> coefficient.
        couplings: (i, j) with i < j -> coefficient.
    """

    n_spins: int
    maximise: bool
    constant: float = 0.0
    fields: dict[int, float] = field(default_factory=dict)
    couplings: dict[tuple[int, int], float] = field(default_factory=dict)

    def value(self, gain: float) -> float:
        """Return the reported value of a gain."""
        return gain if self.maximise else 0.0 - gain

    def add(self, i: int, j: int, coefficient: float) -> None:
        """Add coefficient z_i z_j; equal spins add to the constant."""
        if i == j:
            self.constant += coefficient
        else:
            pair = (min(i, j), max(i, j))
            self.couplings[pair] = self.couplings.get(pair, 0.0) + coefficient

    def add_field(self, i: int, coefficient: float) -> None:
        """Add coefficient z_i."""
        self.fields[i] = self.fields.get(i, 0.0) + coefficient

    @property
    def scale(self) -> float:
        """Root mean square of the local field on a spin for random other spins; 1 if there is none."""
        square = sum(h * h for h in self.fields.values()) + 2.0 * sum(c * c for c in self.couplings.values())
        return float((square / self.n_spins) ** 0.5) or 1.0

    def loss(self) -> PauliSum:
        """Return minus the gain as a sum of Z strings: what a loop minimises."""
        n = self.n_spins
        sums = {(0, 0): -self.constant}
        sums |= {(0, 1 << (n - 1 - i)): -h for i, h in self.fields.items()}
        sums |= {(0, 1 << (n - 1 - i) | 1 << (n - 1 - j)): -c for (i, j), c in self.couplings.items()}
        return PauliSum.from_masks(n, sums)


def ising(problem: MaxCutProblem | QuboProblem | IsingProblem) -> Ising:
    """Return the gain of a job's problem."""
    match problem:
        case MaxCutProblem(maxcut=graph):
            return _maxcut(graph)
        case QuboProblem(qubo=qubo):
            return _qubo(qubo)
        case IsingProblem(ising=spins):
            return _ising(spins)


def _maxcut(graph: specs.MaxCut) -> Ising:
    gain = Ising(graph.n_nodes, maximise=True)
    for (a, b), weight in zip(graph.edges, graph.weights, strict=True):
        gain.constant += 0.5 * weight
        gain.add(a, b, -0.5 * weight)
    return gain


def _qubo(qubo: specs.Qubo) -> Ising:
    """Return the gain of a QUBO. Bits are (1 - z) / 2: minus (constant + sum l_i b_i + sum q_ij b_i b_j)."""
    gain = Ising(qubo.n_variables, maximise=False, constant=-qubo.constant)
    for i, weight in enumerate(qubo.linear):
        gain.constant -= 0.5 * weight
        gain.add_field(i, 0.5 * weight)
    for i, j, weight in qubo.quadratic:
        gain.constant -= 0.25 * weight
        gain.add_field(i, 0.25 * weight)
        gain.add_field(j, 0.25 * weight)
        gain.add(i, j, -0.25 * weight)
    return gain


def _ising(spins: specs.Ising) -> Ising:
    gain = Ising(spins.n_spins, maximise=False, constant=-spins.constant)
    for i, h in enumerate(spins.h):
        gain.add_field(i, -h)
    for i, j, coupling in spins.J:
        gain.add(i, j, -coupling)
    return gain
