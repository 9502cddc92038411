"""The objective value of a job's loop: name, unit, and direction of optimization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HARTREE = "hartree"
MODEL_UNITS = {"tfim": "unit of J and h", "heisenberg": "unit of Jx, Jy, Jz", "hubbard": "unit of t and U"}


@dataclass(frozen=True)
class Quantity:
    """The quantity that a loop minimizes or maximizes.

    Attributes:
        name: ``energy``, ``cut weight`` and so on.
        unit: empty if dimensionless.
        maximized: whether greater is better.
    """

    name: str
    unit: str = ""
    maximized: bool = False

    @property
    def label(self) -> str:
        """The name with the unit, as an axis label."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def molecular(self) -> bool:
        """Whether errors are given in thousandths of a hartree."""
        return self.unit == HARTREE

    def error(self, difference: float) -> str:
        """Return a difference from a reference value as text, signed, with its unit."""
        return f"{difference * 1e3:+.4f} mHa" if self.molecular else f"{difference:+.3e}"


def of(job: Mapping[str, Any]) -> Quantity:
    """Return the quantity of a job's loop, from the job document."""
    spec: Mapping[str, Any] = job.get("spec") or {}
    problem: Mapping[str, Any] = spec.get("problem") or {}
    if job.get("kind") == "quantum_ml":
        return Quantity("loss")
    if "maxcut" in problem:
        return Quantity("cut weight", maximized=True)
    if "qubo" in problem:
        return Quantity("QUBO value")
    if "ising" in problem:
        return Quantity("Ising energy")
    return Quantity("energy", _unit(spec.get("hamiltonian") or {}))


def _unit(hamiltonian: Mapping[str, Any]) -> str:
    electrons = any(hamiltonian.get(key) is not None for key in ("n_electrons", "hf_bitstring", "e_hf"))
    if "model" in hamiltonian:
        return MODEL_UNITS.get(hamiltonian["model"], "")
    if "fcidump" in hamiltonian or "molecule" in hamiltonian or electrons:
        return HARTREE
    return "unit of the coefficients" if "terms" in hamiltonian else ""
