"""Rewriting to gates on one and two qubits, with what cancels removed; no device is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from qiskit.transpiler import PassManager, StagedPassManager, generate_preset_pass_manager
from qiskit.transpiler.passes import CommutativeInverseCancellation

from workers.quantum.compiler.passes.base import TWO_QUBIT, Work

KEPT = (
    "cx", "cz", "ecr", "swap", "iswap", "cp", "rzz", "rxx", "ryy", "crz", "crx", "cry",
    "h", "x", "y", "z", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz", "p", "u",
)  # fmt: skip
"""Gates left as they are: the router knows what they commute with and what a SWAP beside them costs."""


@dataclass(frozen=True)
class Simplify:
    """Decomposes wider gates and cancels pairs of inverse gates."""

    name: str = "simplify"
    needs: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset({TWO_QUBIT})

    def estimate(self, work: Work) -> float:
        """See `base.Pass`."""
        return 0.0

    def run(self, work: Work) -> Work:
        """See `base.Pass`."""
        return replace(work, circuit=_manager().run(work.circuit))


@cache
def _manager() -> StagedPassManager:
    preset = generate_preset_pass_manager(1, basis_gates=list(KEPT))
    return StagedPassManager(
        ["init", "translation", "optimization", "cancellation"],
        init=preset.init, translation=preset.translation, optimization=preset.optimization,
        cancellation=PassManager([CommutativeInverseCancellation()]),
    )  # fmt: skip
