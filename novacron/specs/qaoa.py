"""The quantum approximate optimization algorithm: `hybrid_qaoa`."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from novacron.specs.base import Layers, Shots, Spec, Starts
from novacron.specs.optimizer import Lbfgs, Optimizer
from novacron.specs.problem import Problem

if TYPE_CHECKING:
    from novacron.problems.files import Files


class QAOA(Spec):
    """Look for a good solution of a binary optimization problem.

    Attributes:
        problem: written out, or the path of a graph file.
        layers: p, the number of (gamma, beta) pairs.
        init: how the first angles are chosen.
        optimizer: by name or written out.
        shots: samples of the final state; None gives probabilities.
        starts: independent starting points; the best is the result.
    """

    kind: Literal["hybrid_qaoa"] = "hybrid_qaoa"
    problem: Problem
    layers: Layers = 1
    init: Literal["linear_ramp", "interp", "random"] = "linear_ramp"
    optimizer: Optimizer = Field(default_factory=Lbfgs)
    shots: Shots | None = 1024
    starts: Starts = 1

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if "problem" in data:
            data = {**data, "problem": files.problem(data["problem"], "problem")}
        return data

    @property
    def n_qubits(self) -> int:
        """One a node, variable or spin."""
        return self.problem.body.size

    @property
    def n_terms(self) -> int:
        """Edges or coefficients."""
        return self.problem.body.n_terms

    @property
    def n_parameters(self) -> int:
        """Two angles a layer."""
        return 2 * self.layers
