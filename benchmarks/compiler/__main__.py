"""Two-qubit gates on the 27-qubit map, beside Qiskit's level 3 and tket: `python -m benchmarks.compiler`."""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from qiskit import QuantumCircuit, qasm2, transpile
from qiskit.transpiler import CouplingMap

from benchmarks.compiler import tket
from benchmarks.compiler.circuits import BASIS, CIRCUITS, EDGES, FREE_ORDER, falcon, record
from workers.quantum.compiler import Options, compile
from workers.quantum.compiler.passes.base import n_two_qubit

RESULTS = Path(__file__).parents[1] / "results" / "compiler.json"
PEER_SEEDS = 3
PLAIN = ["cx", "rz", "sx", "x", "h", "u"]
"""Gates that every reader of OpenQASM 2 knows."""


def main() -> None:
    """Compile every circuit, print the table and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiler", description=main.__doc__)
    parser.add_argument("--budget", type=float, default=10.0, help="processor seconds of each search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="part of a circuit's name")
    given = parser.parse_args()
    rows = []
    if reason := tket.missing():
        print(f"tket: left out, {reason}")
    heads = f"{'Qiskit L3':>10}{'tket':>7}{'ours':>7}{'depth':>7}{'exact':>7}{'s':>7}"
    print(f"{'circuit':<22}{heads}  verified, strategy")
    for name, build in CIRCUITS.items():
        if given.only is None or given.only.lower() in name.lower():
            row = measured(build(), given.budget, given.seed, name in FREE_ORDER)
            rows.append({"circuit": name, "tket": None if reason else by_tket(build()), **row})
            print(line(rows[-1]), flush=True)
    if given.only is None:
        told = {"qiskit": version("qiskit"), "budget_s": given.budget, "seed": given.seed, "circuits": rows}
        RESULTS.write_text(json.dumps(told, indent=2) + "\n")


def by_tket(circuit: QuantumCircuit) -> int | None:
    """Return the two-qubit gates of tket, None if it did not end."""
    return tket.count(qasm2.dumps(transpile(circuit, basis_gates=PLAIN, optimization_level=0)), EDGES)


def measured(circuit: QuantumCircuit, budget_s: float, seed: int, free_order: bool) -> dict[str, Any]:
    """Return the two-qubit gates of Qiskit (median) and of the compiler, from |0...0> and as a unitary.

    With `free_order`, `exact_unitary` is in the circuit's own order.
    """
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
    options = Options(level=3, seed=seed, budget_s=budget_s, free_order=free_order)
    made = compile(source, device, options)
    seconds, exact = process_time() - began, made
    if made.metadata["from_zero"] or made.metadata["reordered"]:
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
    peers = f"{row['qiskit_level_3']:>10.0f}{'-' if row['tket'] is None else row['tket']:>7}"
    counts = f"{peers}{row['two_qubit_count']:>7}{row['two_qubit_depth']:>7}"
    ends = f"{row['exact_unitary']:>7}{row['seconds']:>7.1f}  {row['verified']}, {row['strategy']}"
    return f"{row['circuit']:<22}{counts}{ends}"


if __name__ == "__main__":
    main()
