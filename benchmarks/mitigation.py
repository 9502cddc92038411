"""What error mitigation gains on circuits whose exact values are known, with and without shot noise.

`python -m benchmarks.mitigation [exact] [shots] [auto] [devices] [lih] [--seeds N]` writes
`benchmarks/results/mitigation.json`. The circuits and their noise are in `testing/mitigation/problems.py`.
Probabilities are simulated once and sampled for every seed, except for `lih`, which runs trajectories.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from novacron.specs.mitigation import AnyMethod, Auto, Readout, ReferenceState, SymmetryVerification, Zne
from shared.circuits.reader import read
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from testing.mitigation.lih import lih
from testing.mitigation.problems import Case, Sampled, h2, qaoa
from workers.quantum import backends
from workers.quantum.backends.placed import placed
from workers.quantum.compiler import Options
from workers.quantum.mitigation.estimate import Estimate
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.measurement import Histogram
from workers.quantum.mitigation.mitigate import mitigate
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.runner import BackendRunner

RESULT = Path(__file__).parent / "results" / "mitigation.json"
CASES: dict[str, Callable[[], Case]] = {
    "H2, 6 CX": h2, "H2, 39 CX": lambda: h2(full=True), "QAOA, 30 CX": qaoa,
}  # fmt: skip
READOUT = Readout()
COLUMNS: dict[str, list[AnyMethod]] = {
    "none": [],
    "readout": [READOUT],
    "readout + zne, linear 1, 3": [READOUT, Zne(fit="linear")],
    "readout + zne, exponential 1, 3, 5": [READOUT, Zne(scales=(1, 3, 5))],
    "readout + reference": [READOUT, ReferenceState()],
    "readout + reference + zne": [READOUT, ReferenceState(), Zne()],
    "readout + symmetry + zne, Richardson": [
        READOUT, SymmetryVerification(), Zne(scales=(1, 3, 5), fit="richardson")
    ],
    "auto": [Auto()],
}  # fmt: skip
SAMPLED = ("readout", "readout + zne, linear 1, 3", "readout + reference", "readout + reference + zne")
SHOTS = (20_000, 100_000, 1_000_000)
DEVICES = ("manila", "quito", "lagos", "kolkata", "sherbrooke", "kingston")
SINGLET = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; x q[0]; h q[0]; x q[1]; cx q[0], q[1];'
LIH_SHOTS = 100_000


def exact() -> dict[str, Any]:
    """Errors without shot noise, in thousandths."""
    found: dict[str, Any] = {}
    for name, case in cases():
        found[name] = {}
        for column, methods in COLUMNS.items():
            if has_reference(case) or not needs_reference(methods):
                (one,) = mitigate(case.problem, methods, None, case.runner).estimates
                found[name][column] = row(case, one)
    return found


def shots(seeds: int) -> dict[str, Any]:
    """Median errors of fixed methods over seeds."""
    case = h2()
    return {column: repeated(case, COLUMNS[column], seeds) for column in SAMPLED}


def auto(seeds: int) -> dict[str, Any]:
    """Median errors of `auto` over seeds."""
    return {name: repeated(case, [Auto()], seeds) for name, case in cases()}


def on_devices(seeds: int) -> dict[str, Any]:
    """The value of ZZ in a singlet, -1 at the end of its range, with the noise of calibrations."""
    found: dict[str, Any] = {}
    for name in DEVICES:
        device = devices.load(name)
        made = placed(read(SINGLET), device, Options(level=2))
        isa = Isa(made.record, made.final, made.noise(made.document))
        case = Case(Problem(isa, [[("ZZ", 1.0)]]), -1.0)
        (one,) = mitigate(case.problem, [READOUT, Zne()], None, case.runner).estimates
        found[name] = {
            "exact probabilities": row(case, one),
            **repeated(case, [READOUT, Zne()], seeds, (4_000, 20_000)),
        }
    return found


def by_trajectories() -> dict[str, Any]:
    """LiH on 12 qubits with one double excitation, by trajectories."""
    case, begun_s = lih(), time.process_time()
    runner = BackendRunner(backends.load("trajectories"), case.problem.isa.noise, 1)
    result = mitigate(case.problem, [Auto()], LIH_SHOTS, runner, 1)
    (one,) = result.estimates
    return {**row(case, one), "methods": result.methods, "shots": result.n_shots,
            "cx": case.problem.isa.record.gate_counts()["cx"],
            "cpu_s": round(time.process_time() - begun_s, 1)}  # fmt: skip


def cases() -> Iterator[tuple[str, Case]]:
    """Yield the circuits with exact values."""
    for name, made in CASES.items():
        yield name, made()


def has_reference(case: Case) -> bool:
    """Return whether a problem has a reference and symmetries."""
    return case.problem.has_reference


def needs_reference(methods: Sequence[AnyMethod]) -> bool:
    """Return whether methods need what only the molecule has."""
    return any(isinstance(one, ReferenceState | SymmetryVerification) for one in methods)


def row(case: Case, one: Estimate) -> dict[str, Any]:
    """Return the errors of an estimate, in thousandths."""
    error, raw = one.value - case.exact, one.unmitigated - case.exact
    return {
        "error": round(1e3 * error, 4), "unmitigated": round(1e3 * raw, 4),
        "factor": round(abs(raw / error), 1) if error else None, "std_error": round(1e3 * one.std_error, 4),
        "model_error": round(1e3 * one.model_error, 4),
        "covered": one.interval[0] <= case.exact <= one.interval[1],
    }  # fmt: skip


def repeated(
    case: Case, methods: list[AnyMethod], seeds: int, budgets: Sequence[int] = SHOTS
) -> dict[str, Any]:
    """Return medians over seeds for each number of shots."""
    known: dict[CircuitRecord, Histogram] = {}
    (ideal,) = mitigate(case.problem, [], None, case.runner).estimates
    raw, found = ideal.unmitigated - case.exact, {}
    for budget in budgets:
        errors, widths, covered, chosen, outside = [], [], 0, Counter[str](), 0
        for seed in range(seeds):
            runner = Sampled(case.runner, known, np.random.default_rng(seed))
            result = mitigate(case.problem, methods, budget, runner, seed)
            (one,) = result.estimates
            errors.append(abs(one.value - case.exact))
            widths.append(one.error)
            covered += one.interval[0] <= case.exact <= one.interval[1]
            outside += one.outside > 0
            chosen[", ".join(result.methods) or "none"] += 1
        found[f"{budget:,}"] = {
            "median_error": round(1e3 * median(errors), 3), "factor": round(abs(raw) / median(errors), 1),
            "median_total_error": round(1e3 * median(widths), 3), "covered": covered, "seeds": seeds,
            "outside_range": outside, "methods": dict(chosen.most_common()),
        }  # fmt: skip
    return found


def main() -> None:
    """Run the selected parts, and update the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["exact", "shots", "auto", "devices", "lih", []])
    parser.add_argument("--seeds", type=int, default=100)
    asked = parser.parse_args()
    parts: dict[str, Callable[[], Any]] = {
        "exact": exact, "shots": lambda: shots(asked.seeds), "auto": lambda: auto(asked.seeds),
        "devices": lambda: on_devices(asked.seeds), "lih": by_trajectories,
    }  # fmt: skip
    found = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for name in asked.parts or parts:
        found[name] = parts[name]()
        print(name, json.dumps(found[name], indent=2))
        found["versions"] = {"python": platform.python_version(), "numpy": metadata.version("numpy")}
        RESULT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
