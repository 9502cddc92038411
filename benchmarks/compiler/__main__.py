"""Two-qubit gates on the 27-qubit map, beside Qiskit's level 3: `python -m benchmarks.compiler`."""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from qiskit import QuantumCircuit, transpile
from qiskit.transpiler import CouplingMap

from benchmarks.compiler.circuits import BASIS, CIRCUITS, EDGES, falcon, record
from workers.quantum.compiler import Options, compile
from workers.quantum.compiler.passes.base import n_two_qubit

RESULTS = Path(__file__).parents[1] / "results" / "compiler.json"
PEER_SEEDS = 3


def main() -> None:
    """Compile every circuit, print the table and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiler", description=main.__doc__)
    parser.add_argument("--budget", type=float, default=10.0, help="processor seconds of each search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="part of a circuit's name")
    given = parser.parse_args()
    rows = []
    print(f"{'circuit':<22}{'Qiskit L3':>10}{'ours':>7}{'depth':>7}{'exact':>7}{'s':>7}  verified, strategy")
    for name, build in CIRCUITS.items():
        if given.only is None or given.only.lower() in name.lower():
            rows.append({"circuit": name, **measured(build(), given.budget, given.seed)})
            print(line(rows[-1]), flush=True)
    if given.only is None:
        told = {"qiskit": version("qiskit"), "budget_s": given.budget, "seed": given.seed, "circuits": rows}
        RESULTS.write_text(json.dumps(told, indent=2) + "\n")


def measured(circuit: QuantumCircuit, budget_s: float, seed: int) -> dict[str, Any]:
    """Return the two-qubit gates of Qiskit (median) and of the compiler, from |0...0> and as a unitary."""
    coupling = CouplingMap([pair for a, b in EDGES for pair in ((a, b), (b, a))])
    peer = median(
        n_two_qubit(
            transpile(
                circuit, coupling_map=coupling, basis_gates=BASIS, optimization_level=3, seed_transpiler=k
            )
        )
        for k in range(PEER_SEEDS)
    )
    source, device, began = record(circuit), falcon(), process_time()
    made = compile(source, device, Options(level=3, seed=seed, budget_s=budget_s))
    seconds, exact = process_time() - began, made
    if made.metadata["from_zero"]:
        exact = compile(source, device, Options(level=3, seed=seed, budget_s=budget_s, exact_unitary=True))
    return {
        "qiskit_level_3": peer,
        "two_qubit_count": made.metadata["two_qubit_count"],
        "two_qubit_depth": made.metadata["after"]["two_qubit_depth"],
        "exact_unitary": exact.metadata["two_qubit_count"],
        "seconds": seconds,
        "verified": made.verified,
        "strategy": made.metadata["strategy"],
    }


def line(row: dict[str, Any]) -> str:
    """Return a row of the table."""
    counts = f"{row['qiskit_level_3']:>10.0f}{row['two_qubit_count']:>7}{row['two_qubit_depth']:>7}"
    ends = f"{row['exact_unitary']:>7}{row['seconds']:>7.1f}  {row['verified']}, {row['strategy']}"
    return f"{row['circuit']:<22}{counts}{ends}"


if __name__ == "__main__":
    main()
