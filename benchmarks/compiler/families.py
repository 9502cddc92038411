"""MQT Bench's families on three maps, beside Qiskit's level 3: `python -m benchmarks.compiler.families`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from statistics import geometric_mean

from mqt.bench import BenchmarkLevel, get_benchmark
from mqt.bench.benchmarks import get_available_benchmark_names
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitError

from benchmarks.compiler.circuits import falcon
from benchmarks.compiler.comparison import HEADER, Comparison, compare, grid, heron
from novacron.errors import BadInput
from workers.quantum.compiler import Options
from workers.quantum.compiler.conversion import UnreadError

RESULTS = Path(__file__).parents[1] / "results" / "compiler_families.json"
SIZES = (8, 14, 20)
SMALLEST = 3


def main() -> None:
    """Compile every family at every size on every map, print the table and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiler.families", description=main.__doc__)
    parser.add_argument("--budget", type=float, default=10.0, help="processor seconds of each search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="qubits")
    parser.add_argument("--only", help="part of a family's name")
    parser.add_argument("--map", help="part of a map's name")
    given = parser.parse_args()
    maps = [one for one in (falcon(), heron(), grid(5)) if (given.map or "") in one.name]
    options = Options(level=3, seed=given.seed, budget_s=given.budget)
    rows: list[Comparison] = []
    unread: list[str] = []
    print(HEADER)
    for name in sorted(get_available_benchmark_names()):
        if (given.only or "") in name:
            for circuit in circuits(name, given.sizes):
                for device in maps:
                    try:
                        rows.append(compare(name, circuit, device, options))
                    except (BadInput, UnreadError) as error:
                        unread.append(name)
                        print(f"{name:<26}not read: {error}", flush=True)
                    else:
                        print(rows[-1], flush=True)
    told = {**summary(rows), "unread": sorted(set(unread))}
    print(json.dumps(told, indent=2))
    if given.only is None and given.map is None:
        peers = {name: version(name) for name in ("qiskit", "mqt.bench")}
        written = {
            **peers, "budget_s": given.budget, "seed": given.seed, **told,
            "circuits": [one.to_json() for one in rows],
        }  # fmt: skip
        RESULTS.write_text(json.dumps(written, indent=2) + "\n")


def circuits(name: str, sizes: Iterable[int]) -> list[QuantumCircuit]:
    """Return a family's circuits; where it has none of a size, the next smaller one."""
    found: dict[int, QuantumCircuit] = {}
    for size in sizes:
        for n_qubits in range(size, SMALLEST - 1, -1):
            try:
                made = get_benchmark(name, level=BenchmarkLevel.ALG, circuit_size=n_qubits)
            except (ValueError, CircuitError):
                continue
            found.setdefault(made.num_qubits, made)
            break
    return list(found.values())


def summary(rows: list[Comparison]) -> dict[str, object]:
    """Return the geometric mean of the ratios, where the peer is better, and what was not verified."""
    return {
        "circuits_compiled": len(rows),
        "geometric_mean": geometric_mean([one.ratio for one in rows]),
        "worse": [f"{one.circuit} {one.n_qubits} on {one.device}" for one in rows if one.ratio > 1],
        "unverified": [
            f"{one.circuit} {one.n_qubits} on {one.device}"
            for one in rows
            if one.verified in ("structure", "not verified")
        ],
    }


if __name__ == "__main__":
    main()
