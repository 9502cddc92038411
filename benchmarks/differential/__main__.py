"""The campaign: `python -m benchmarks.differential [--cases 20000] [--first 0] [--processes 2]`.

Every case is a random program (testing/random_circuits/generate.py), run exactly by every simulator that
supports it, and in every fourth case also by sampling ones. Prints each difference with its seed; `--show
SEED` prints one program.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.differential.campaign import checked
from testing.random_circuits.generate import case
from testing.random_circuits.text import write

RESULTS = Path(__file__).parents[1] / "results" / "differential.json"
CHUNK = 50


def main() -> None:
    """Run the campaign; exit with status 1 on any difference."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--show", type=int)
    asked = parser.parse_args()
    if asked.show is not None:
        shown = case(asked.show)
        print(write(shown.program), shown.noise and shown.noise.document, *shown.observables, sep="\n")
        print(*checked([asked.show]).get(asked.show, ["no difference"]), sep="\n")
        return
    began = time.monotonic()
    seeds = range(asked.first, asked.first + asked.cases)
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    found: dict[int, list[str]] = {}
    with ProcessPoolExecutor(asked.processes, get_context("spawn")) as pool:
        for done, part in enumerate(pool.map(checked, chunks), start=1):
            for seed, lines in part.items():
                print(f"seed {seed}: {'; '.join(lines)}", flush=True)
            found |= part
            if done % 20 == 0:
                print(f"{done * CHUNK} cases, {len(found)} differ", file=sys.stderr, flush=True)
    summary = {"cases": asked.cases, "first": asked.first, "differ": len(found)}
    print(f"{asked.cases} random circuits, {len(found)} differ, {time.monotonic() - began:.0f} s")
    if asked.cases >= 20_000:
        RESULTS.write_text(json.dumps(summary | {"seeds": sorted(found)}, indent=1) + "\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
