"""Circuits compiled by tket, as a peer.

pytket is not among the project's packages: `count` runs this file by the interpreter that the environment
variable NOVACRON_TKET_PYTHON names. tket has no seed; the better of two placements is taken.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Any

VARIABLE = "NOVACRON_TKET_PYTHON"
LONGEST_S = 300.0


def missing() -> str | None:
    """Return why tket is left out, None if it is not."""
    python = os.environ.get(VARIABLE)
    if python is None:
        return f"{VARIABLE} does not name a Python interpreter with pytket"
    found = subprocess.run([python, "-c", "import pytket.qasm"], capture_output=True, text=True, check=False)
    return None if found.returncode == 0 else f"{python}: {found.stderr.strip().splitlines()[-1]}"


def count(qasm: str, edges: Iterable[Sequence[int]]) -> int | None:
    """Return the two-qubit gates of tket's best result, None if it did not end.

    Args:
        qasm: the circuit, in OpenQASM 2.
        edges: coupled pairs; CX gates have no direction.
    """
    told = json.dumps({"qasm": qasm, "edges": [list(pair) for pair in edges]})
    command = [os.environ[VARIABLE], __file__]
    try:
        found = subprocess.run(
            command, input=told, capture_output=True, text=True, check=True, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired:
        return None
    return int(found.stdout)


def _best(told: dict[str, Any]) -> int:
    from pytket import passes
    from pytket.architecture import Architecture
    from pytket.circuit import OpType
    from pytket.placement import GraphPlacement, LinePlacement
    from pytket.qasm import circuit_from_qasm_str

    architecture = Architecture([tuple(pair) for pair in told["edges"]])
    counts = []
    for placement in (GraphPlacement(architecture), LinePlacement(architecture)):
        circuit = circuit_from_qasm_str(told["qasm"])
        passes.SequencePass([
            passes.DecomposeBoxes(), passes.FullPeepholeOptimise(), passes.PlacementPass(placement),
            passes.RoutingPass(architecture), passes.DecomposeSwapsToCXs(architecture),
            passes.FullPeepholeOptimise(allow_swaps=False),
            passes.AutoRebase({OpType.CX, OpType.Rz, OpType.SX, OpType.X}), passes.RemoveRedundancies(),
        ]).apply(circuit)  # fmt: skip
        counts.append(int(circuit.n_2qb_gates()))
    return min(counts)


if __name__ == "__main__":
    print(_best(json.load(sys.stdin)))
