"""Rare logical errors by number of faults, against direct sampling.

`python -m benchmarks.qec_rare [agreement] [coverage] [variance] [reweighting]`; processor time is compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from novacron.specs.qec_point import FAMILIES, Point
from workers.quantum.qec import strata
from workers.quantum.qec.experiment import experiment
from workers.quantum.qec.stratified import stratified

RESULT = Path(__file__).parent / "results" / "qec_rare.json"
GOAL = 0.03
REPEATS = 100
DIRECT_ERRORS = 2000
SPEED_S = 5.0
Row = dict[str, Any]


def _point(code: str, distance: int, p: float) -> Point:
    return Point(code, distance, distance, "z", p, "pymatching", FAMILIES[code].noise)


def _stratified(points: list[Point], goal: float, seed: int) -> tuple[list[Row], Row]:
    """Sample the first point until all reach a relative standard error; return rates, and what it took."""
    made = [stratified(point) for point in points]
    sampled, least = made[0], made[0].least
    shares, beyond = strata.shares([one.faults.probabilities for one in made], least)
    numbers = range(least, least + shares.shape[1])
    chunk_shots = np.array([sampled.chunk_shots(n_faults) for n_faults in numbers])
    costs = np.array([2 + sampled.events(n_faults) for n_faults in numbers])
    known = strata.Strata(chunk_shots, costs, shares, beyond)
    streams = [sampled.stream(seed, n_faults) for n_faults in numbers]
    chunks, errors = np.zeros(len(numbers), dtype=np.int64), np.zeros(len(numbers), dtype=np.int64)
    began = time.process_time()
    while (added := known.more(chunks, errors, goal, 10**12)) is not None:
        for stratum, n_faults in enumerate(numbers):
            for chunk in range(chunks[stratum], chunks[stratum] + added[stratum]):
                errors[stratum] += sampled.errors(streams[stratum], n_faults, chunk)
        chunks = chunks + added
    spent = {
        "seconds": time.process_time() - began, "shots": int(chunks @ chunk_shots),
        "errors": int(errors.sum()), "least": least,
    }  # fmt: skip
    return [asdict(known.estimate(place, chunks, errors)) for place in range(len(points))], spent


def _direct(point: Point, enough: Callable[[int, float], bool], seed: int = 1) -> tuple[int, int, float]:
    """Sample until there is enough of (errors, seconds); return errors, shots and processor seconds."""
    made = experiment(point)
    stream, errors, chunk = made.stream(seed), 0, 0
    made.decode  # noqa: B018 - compiled before time is taken
    began = time.process_time()
    while not enough(errors, time.process_time() - began):
        errors += made.errors(stream, chunk)
        chunk += 1
    return errors, chunk * made.chunk_shots, time.process_time() - began


def agreement() -> list[Row]:
    """Return stratified and direct rates of five points, and how many standard errors they are apart."""
    found = []
    for code, distance, p in (
        ("rotated_surface", 3, 0.001), ("rotated_surface", 5, 0.001), ("rotated_surface", 7, 0.002),
        ("repetition", 5, 0.005), ("toric", 5, 0.005),
    ):  # fmt: skip
        point = _point(code, distance, p)
        (told,), spent = _stratified([point], 0.02, seed=1)
        errors, shots, seconds = _direct(point, lambda errors, _: errors >= DIRECT_ERRORS)
        rate = errors / shots
        apart = (told["rate"] - rate) / sqrt(told["std_error"] ** 2 + rate * (1 - rate) / shots)
        row = {"code": code, "distance": distance, "p": p, **told, **spent, "direct": rate}
        found.append(row | {"direct_shots": shots, "direct_seconds": seconds, "standard_errors": apart})
        print(found[-1], flush=True)
    return found


def coverage() -> list[Row]:
    """Return how many intervals of repeated studies hold the rate of a study that is ten times finer."""
    found = []
    for distance, p in ((3, 0.0005), (5, 0.001)):
        point = _point("rotated_surface", distance, p)
        (exact,), _ = _stratified([point], 0.005, seed=0)
        told = [_stratified([point], 0.05, seed)[0][0] for seed in range(1, REPEATS + 1)]
        row = {
            "distance": distance, "p": p, "rate": exact["rate"], "std_error": exact["std_error"],
            "repeats": REPEATS, "covered": sum(one["low"] <= exact["rate"] <= one["high"] for one in told),
            "mean": mean(one["rate"] for one in told), "deviation": stdev(one["rate"] for one in told),
            "told_std_error": mean(one["std_error"] for one in told),
        }  # fmt: skip
        found.append(row)
        print(row, flush=True)
    return found


def variance() -> list[Row]:
    """Return the variance of direct sampling relative to that of strata in the same processor time."""
    found = []
    for distance, p in ((3, 0.0003), (5, 0.001), (5, 0.0005), (5, 0.0002), (7, 0.001), (7, 0.0006)):
        point = _point("rotated_surface", distance, p)
        _stratified([point], 0.5, seed=0)
        (told,), spent = _stratified([point], GOAL, seed=1)
        _, shots, seconds = _direct(point, lambda _, seconds: seconds >= SPEED_S)
        direct = told["rate"] / (shots / seconds * spent["seconds"])
        ratio = direct / told["std_error"] ** 2
        found.append({"distance": distance, "p": p, **told, **spent, "ratio": ratio})
        print(found[-1], flush=True)
    return found


def reweighting() -> list[Row]:
    """Return rates of one data set beside those of each point's own strata and decoder."""
    points = [_point("rotated_surface", 5, p) for p in (0.0005, 0.001, 0.002, 0.003, 0.005)]
    shared, spent = _stratified(points, GOAL, seed=1)
    found = []
    for point, told in zip(points, shared, strict=True):
        (own,), alone = _stratified([point], GOAL, seed=2)
        apart = (told["rate"] - own["rate"]) / sqrt(told["std_error"] ** 2 + own["std_error"] ** 2)
        row = {"p": point.p, **told, "shared_seconds": spent["seconds"], "own": own["rate"]}
        found.append(row | {"own_seconds": alone["seconds"], "standard_errors": apart})
        print(found[-1], flush=True)
    return found


PARTS: dict[str, Callable[[], list[Row]]] = {
    "agreement": agreement,
    "coverage": coverage,
    "variance": variance,
    "reweighting": reweighting,
}


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.qec_rare", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[*PARTS])
    for name in parser.parse_args().parts:
        conditions = {"machine": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
        rows = PARTS[name]()
        kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
        RESULT.write_text(json.dumps(kept | {name: {**conditions, "rows": rows}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
