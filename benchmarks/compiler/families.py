"""MQT Bench's families on three maps, beside Qiskit's level 3: `python -m benchmarks.compiler.families`.

A row is written as soon as it is measured. A run continues the results that it finds if they were measured
under the same conditions (versions, budget, seed), and begins anew otherwise.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import geometric_mean
from typing import Any

from mqt.bench import BenchmarkLevel, get_benchmark
from mqt.bench.benchmarks import get_available_benchmark_names
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import CircuitError

from benchmarks.compiler.circuits import falcon
from benchmarks.compiler.comparison import HEADER, Comparison, compare, grid, heron
from novacron.errors import BadInput
from shared.quantum import portfolio
from shared.quantum.devices import Device
from workers.quantum.compiler import DOUBTS, Options
from workers.quantum.compiler.conversion import UnreadError
from workers.quantum.compiler.passes.base import n_two_qubit

RESULTS = Path(__file__).parents[1] / "results" / "compiler_families.json"
SIZES = (8, 14, 20)
SMALLEST = 3
MOST = 13_000
"""CX gates beyond which a circuit is left out: Grover's search and quantum walks grow exponentially."""

Key = tuple[str, int, str]
"""Family, number of qubits, device."""


def main() -> None:
    """Compile every family at every size on every map, print the table and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiler.families", description=main.__doc__)
    parser.add_argument("--budget", type=float, default=10.0, help="processor seconds of each search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="qubits")
    parser.add_argument("--only", default="", help="part of a family's name")
    parser.add_argument("--map", default="", help="part of a map's name")
    parser.add_argument("--results", type=Path, default=RESULTS, help="JSON file that is continued")
    given = parser.parse_args()
    options = Options(level=3, seed=given.seed, budget_s=given.budget)
    maps = [one for one in (falcon(), heron(), grid(5)) if given.map in one.name]
    results = Results.opened(given.results, options)
    print(HEADER)
    for name, circuit in circuits(given.only, given.sizes):
        for device in maps:
            results.measure(name, circuit, device, options)
    print(json.dumps(results.summary(), indent=2))


@dataclass
class Results:
    """The rows of the table in their file.

    Attributes:
        path: of the file.
        conditions: under which the rows were measured.
        rows: those that were measured.
        left_out: why others were not, by family and number of qubits.
    """

    path: Path
    conditions: dict[str, Any]
    rows: dict[Key, Comparison] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @classmethod
    def opened(cls, path: Path, options: Options) -> Results:
        """Return the results of a file, none if it was written under other conditions."""
        conditions = {
            **{name: version(name) for name in ("qiskit", "mqt.bench")},
            "compiler": portfolio.VERSION, "budget_s": options.budget_s, "seed": options.seed,
        }  # fmt: skip
        known = json.loads(path.read_text()) if path.exists() else {}
        if any(known.get(name) != value for name, value in conditions.items()):
            return cls(path, conditions)
        rows = [Comparison(**row) for row in known["circuits"]]
        return cls(path, conditions, {_key(row): row for row in rows}, known["left_out"])

    def measure(self, name: str, circuit: QuantumCircuit, device: Device, options: Options) -> None:
        """Compile a circuit on a device unless it was before, print its row and write the file."""
        key, label = (name, circuit.num_qubits, device.name), f"{name} {circuit.num_qubits}"
        if label in self.left_out:
            return
        if key not in self.rows:
            try:
                if (n_gates := _n_cx(circuit)) > MOST:
                    raise TooLargeError(f"{n_gates} CX gates, more than {MOST}")
                self.rows[key] = compare(name, circuit, device, options)
            except (BadInput, UnreadError, TooLargeError) as error:
                self.left_out[label] = str(error)
                print(f"{label:<26}left out: {error}", flush=True)
            self.write()
        if key in self.rows:
            print(self.rows[key], flush=True)

    def write(self) -> None:
        """Write the file."""
        told = {
            **self.conditions, **self.summary(), "left_out": self.left_out,
            "circuits": [row.to_json() for row in self.rows.values()],
        }  # fmt: skip
        self.path.write_text(json.dumps(told, indent=2) + "\n")

    def summary(self) -> dict[str, Any]:
        """Return the geometric means of the ratios, where the peer is better, and what was not verified."""
        rows = self.rows.values()
        return {
            "families": len({row.circuit for row in rows}),
            "circuits_compiled": len(rows),
            "geometric_mean": geometric_mean(row.ratio for row in rows) if rows else None,
            "geometric_mean_exact": geometric_mean(row.exact_ratio for row in rows) if rows else None,
            "worse": [_label(row) for row in rows if row.exact_ratio > 1],
            "unverified": [_label(row) for row in rows if row.verified in DOUBTS],
        }


class TooLargeError(ValueError):
    """A circuit has more two-qubit gates than are compiled here."""


def circuits(part: str, sizes: Iterable[int]) -> list[tuple[str, QuantumCircuit]]:
    """Return the circuits of all families with a part in their names, those with the fewest gates first."""
    names = [name for name in get_available_benchmark_names() if part in name]
    found = [(name, circuit) for name in names for size in sizes if (circuit := made(name, size)) is not None]
    return sorted(found, key=lambda one: _n_cx(one[1]))


def made(name: str, size: int) -> QuantumCircuit | None:
    """Return a family's circuit of a size; where it has none, the next smaller one."""
    for n_qubits in range(size, SMALLEST - 1, -1):
        try:
            return get_benchmark(name, level=BenchmarkLevel.ALG, circuit_size=n_qubits)
        except (ValueError, CircuitError):
            continue
    return None


def _n_cx(circuit: QuantumCircuit) -> int:
    return n_two_qubit(transpile(circuit, basis_gates=["cx", "u"], optimization_level=0))


def _key(row: Comparison) -> Key:
    return row.circuit, row.n_qubits, row.device


def _label(row: Comparison) -> str:
    return f"{row.circuit} {row.n_qubits} on {row.device}"


if __name__ == "__main__":
    main()
