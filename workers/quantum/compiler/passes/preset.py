"""Qiskit's preset pipeline for a device, at one of its levels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from qiskit.transpiler import generate_preset_pass_manager

from workers.quantum.compiler.passes.base import BASIS, ROUTED, TWO_QUBIT, Work


@dataclass(frozen=True)
class Preset:
    """Qiskit's layout, routing, translation and optimization.

    Its VF2 passes have call limits as long as no initial layout is given, so none is ever given (Qiskit issue
    14855).

    Attributes:
        level: Qiskit's optimization level.
        routing: Qiskit's router.
        seed: of its random choices.
    """

    level: int
    routing: Literal["sabre", "basic"]
    seed: int
    needs: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset({TWO_QUBIT, ROUTED, BASIS})

    @property
    def name(self) -> str:
        """Shown in the metadata."""
        return f"qiskit_level_{self.level}"

    def estimate(self, work: Work) -> float:
        """See `base.Pass`."""
        return 1.0

    def run(self, work: Work) -> Work:
        """See `base.Pass`."""
        target = work.region.target
        # The translator takes one two-qubit gate for all pairs; synthesis takes the one that a pair has.
        mixed = len(work.region.device.pair_gates) > 1
        manager = generate_preset_pass_manager(
            self.level, target=target, seed_transpiler=self.seed,
            routing_method=self.routing, translation_method="synthesis" if mixed else "translator",
        )  # fmt: skip
        made = manager.run(work.circuit)
        n_source = work.circuit.num_qubits
        layout = made.layout
        if layout is None:
            initial = final = tuple(range(n_source))
        else:
            initial = tuple(layout.initial_index_layout(filter_ancillas=True))
            final = tuple(layout.final_index_layout(filter_ancillas=True))
        return replace(work, circuit=made, layout=initial, final=final)
