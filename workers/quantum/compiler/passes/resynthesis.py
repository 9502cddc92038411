"""Synthesis of a routed circuit in the device's basis, its SWAPs merged with the gates beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from qiskit.transpiler import PassManager, StagedPassManager, generate_preset_pass_manager
from qiskit.transpiler.passes import Collect2qBlocks, ConsolidateBlocks, UnitarySynthesis

from workers.quantum.compiler.passes.base import BASIS, ROUTED, Work
from workers.quantum.compiler.region import Region


@dataclass(frozen=True)
class Resynthesise:
    """Collects two-qubit blocks, synthesises each by its KAK decomposition, and cancels what commutes.

    Source: Qiskit's passes; Cross et al., Phys. Rev. A 100, 032328 (2019), appendix B for the decomposition.
    """

    name: str = "resynthesise"
    needs: frozenset[str] = frozenset({ROUTED})
    gives: frozenset[str] = frozenset({BASIS})

    def estimate(self, work: Work) -> float:
        """See `base.Pass`."""
        return 0.0

    def run(self, work: Work) -> Work:
        """See `base.Pass`."""
        return replace(work, circuit=_manager(work.region).run(work.circuit))


@lru_cache(maxsize=32)
def _manager(region: Region) -> StagedPassManager:
    preset = generate_preset_pass_manager(2, target=region.target, seed_transpiler=0)
    blocks = PassManager([
        Collect2qBlocks(),
        ConsolidateBlocks(target=region.target, force_consolidate=True),
        UnitarySynthesis(target=region.target),
    ])  # fmt: skip
    return StagedPassManager(
        ["blocks", "translation", "optimization"],
        blocks=blocks, translation=preset.translation, optimization=preset.optimization,
    )  # fmt: skip
