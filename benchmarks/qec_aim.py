"""Aimed studies of error-correction codes against equal times for all points.

`python -m benchmarks.qec_aim [--seconds S] [--repeats N]`; both get the same processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from math import log, sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from novacron.specs.qec_point import Point
from workers.quantum.qec.allocation import shares
from workers.quantum.qec.experiment import experiment
from workers.quantum.qec.fits import fit

RESULT = Path(__file__).parent / "results" / "qec_aim.json"
STUDIES: dict[str, tuple[tuple[int, ...], tuple[float, ...]]] = {
    "threshold": ((3, 5, 7), (0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.011, 0.012)),
    "lambda": ((3, 5, 7), (0.002, 0.004)),
}
ROUNDS = 8
STEPS = 32
Row = dict[str, Any]


class Study:
    """Points with their counts and the processor seconds that they took."""

    def __init__(self, distances: tuple[int, ...], probabilities: tuple[float, ...], seed: int) -> None:
        points = [
            Point("rotated_surface", d, d, "z", p, "pymatching") for d in distances for p in probabilities
        ]
        self.made = [experiment(point) for point in points]
        self.streams = [one.stream(seed) for one in self.made]
        self.chunks, self.errors = [0] * len(points), [0] * len(points)
        self.seconds = [0.0] * len(points)
        for number in range(len(points)):
            self.made[number].decode  # noqa: B018 - compiled before time is taken
            self.sample(number, 0.0)

    def sample(self, number: int, seconds: float) -> None:
        """Sample a point for so many processor seconds, at least one chunk."""
        began, spent_s = time.process_time(), -1.0
        while spent_s < seconds:
            self.errors[number] += self.made[number].errors(self.streams[number], self.chunks[number])
            self.chunks[number] += 1
            spent_s = time.process_time() - began
        self.seconds[number] += spent_s

    def told(self) -> list[Row]:
        """Return the points as a result does."""
        found = []
        for made, chunks, errors in zip(self.made, self.chunks, self.errors, strict=True):
            shots = chunks * made.chunk_shots
            spread = sqrt(errors / shots * (1 - errors / shots) / shots)
            known = {"shots": shots, "errors": errors, "rate": errors / shots, "std_error": spread}
            found.append({**made.point.facts, **known})
        return found

    def run(self, aim: str, seconds: float) -> None:
        """Spend processor seconds, distributed for `aim` in rounds; all points alike if it is empty."""
        for left in range(ROUNDS, 0, -1):
            told = self.told()
            speeds = [one["shots"] / spent_s for one, spent_s in zip(told, self.seconds, strict=True)]
            round_s = max(0.0, seconds - sum(self.seconds)) / left
            aimed = aim and left < ROUNDS
            for number, own_s in enumerate(shares(aim, told if aimed else [], speeds, round_s, STEPS)):
                if own_s:
                    self.sample(number, own_s)


def compared(aim: str, seconds: float, repeats: int) -> Row:
    """Return how the estimates of repeated studies deviate, and the half widths that they tell."""
    row: Row = {"aim": aim, "seconds": seconds, "repeats": repeats}
    for name, chosen in (("equal", ""), ("aimed", aim)):
        values, halves, spent_s = [], [], 0.0
        for seed in range(repeats):
            study = Study(*STUDIES[aim], seed)
            study.run(chosen, seconds)
            spent_s += sum(study.seconds)
            found = fit(study.told())
            for one in found["thresholds"] if aim == "threshold" else found["lambdas"]:
                value = one["p"] if aim == "threshold" else log(one["value"])
                low, high = (one[end] if aim == "threshold" else log(one[end]) for end in ("low", "high"))
                values.append((one["p"], value))
                halves.append((high - low) / 2)
        groups = [values] if aim == "threshold" else [
            [one for one in values if one[0] == p] for p in STUDIES[aim][1]
        ]  # fmt: skip
        deviation = sqrt(sum(stdev(value for _, value in group) ** 2 for group in groups))
        row[name] = {
            "mean": [mean(value for _, value in group) for group in groups], "deviation": deviation,
            "half_width": mean(halves), "spent_s": spent_s / repeats,
        }  # fmt: skip
    print(row, flush=True)
    return row


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.qec_aim", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="processor seconds of a study")
    parser.add_argument("--repeats", type=int, default=10)
    asked = parser.parse_args()
    conditions = {"machine": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    rows = [compared(aim, asked.seconds, asked.repeats) for aim in STUDIES]
    RESULT.write_text(json.dumps({**conditions, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
