"""Error-correction studies against sinter, and against reference tables.

`python -m benchmarks.qec [throughput] [durability] [table] [bicycle] [again] [--seconds S]`; `throughput`
needs the extra `bench`, `bicycle` the extra `qec`. Processor time is compared, round by round in turn, so
other load of the machine meets both.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from novacron import Client
from novacron.specs import parse_spec
from novacron.specs.qec_point import Point
from shared.db import jobs
from shared.tasks import TaskSpec
from testing.faults.rig import Rig, rig
from workers.quantum.qec.decoders import DECODERS
from workers.quantum.qec.experiment import experiment
from workers.quantum.qec.statistics import interval

RESULT = Path(__file__).parent / "results" / "qec.json"
ROUNDS = 5
WORKERS = (1, 2)
P = 0.001
SINTER_SHOTS = 1 << 16
"""Shots that sinter samples at a time; its own workers choose as many as take about a second."""
REFERENCE: dict[tuple[int, float], tuple[int, int]] = {
    (3, 0.001): (2_000_000, 1_631),
    (5, 0.001): (2_000_000, 265),
    (7, 0.001): (1_180_000, 20),
    (3, 0.002): (680_000, 2_035),
    (5, 0.002): (2_000_000, 1_994),
    (7, 0.002): (1_020_000, 293),
    (3, 0.003): (300_000, 2_034),
    (5, 0.003): (600_000, 2_024),
    (7, 0.003): (640_000, 895),
    (3, 0.004): (180_000, 2_027),
    (5, 0.004): (260_000, 2_036),
    (7, 0.004): (480_000, 2_033),
    (3, 0.005): (120_000, 2_123),
    (5, 0.005): (160_000, 2_264),
    (7, 0.005): (200_000, 2_025),
    (3, 0.006): (100_000, 2_344),
    (5, 0.006): (100_000, 2_345),
    (7, 0.006): (120_000, 2_329),
    (3, 0.007): (80_000, 2_638),
    (5, 0.007): (60_000, 2_136),
    (7, 0.007): (80_000, 2_641),
    (3, 0.008): (60_000, 2_405),
    (5, 0.008): (60_000, 2_884),
    (7, 0.008): (40_000, 2_054),
    (3, 0.01): (40_000, 2_401),
    (5, 0.01): (40_000, 3_394),
    (7, 0.01): (20_000, 2_080),
    (3, 0.012): (40_000, 3_264),
    (5, 0.012): (20_000, 2_530),
    (7, 0.012): (20_000, 3_332),
}
"""(distance, p) -> (shots, errors) of the rotated surface code, basis Z, d rounds, uniform circuit noise.

Another program matched them with PyMatching.
"""


BICYCLE = (
    (6, 0.003, "bposd"), (6, 0.003, "relay_bp"), (6, 0.003, "lsd"), (6, 0.003, "tesseract"),
    (12, 0.006, "bposd"),
)  # fmt: skip
"""(distance, p, decoder) of bivariate bicycle codes, basis Z, as many rounds as the distance."""


def _novacron(distance: int, seconds: float, seed: int) -> tuple[int, float]:
    """Sample and decode for so many processor seconds; return shots and seconds."""
    made = experiment(Point("rotated_surface", distance, distance, "z", P, "pymatching"))
    stream = made.stream(seed)
    made.errors(stream, 0)
    begin, chunk = time.process_time(), 0
    while time.process_time() - begin < seconds:
        chunk += 1
        made.errors(stream, chunk)
    return chunk * made.chunk_shots, time.process_time() - begin


def _sinter(distance: int, seconds: float, seed: int) -> tuple[int, float]:
    """Do the same with the sampler that sinter's workers run."""
    import sinter
    from sinter._decoding._stim_then_decode_sampler import StimThenDecodeSampler

    made = experiment(Point("rotated_surface", distance, distance, "z", P, "pymatching"))
    sampler = StimThenDecodeSampler(
        decoder=sinter.BUILT_IN_DECODERS["pymatching"], count_observable_error_combos=False,
        count_detection_events=False, tmp_dir=None,
    ).compiled_sampler_for_task(
        sinter.Task(circuit=made.circuit, detector_error_model=made.model, decoder="pymatching")
    )  # fmt: skip
    sampler.sample(SINTER_SHOTS)
    begin, shots = time.process_time(), 0
    while time.process_time() - begin < seconds:
        shots += sampler.sample(SINTER_SHOTS).shots
    return shots, time.process_time() - begin


CONTESTANTS: dict[str, Callable[[int, float, int], tuple[int, float]]] = {
    "novacron": _novacron, "sinter": _sinter,
}  # fmt: skip


def throughput(seconds: float) -> list[dict[str, Any]]:
    """Return shots per processor second of each, by distance and number of processes."""
    found = []
    for workers in WORKERS:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for distance in (3, 5, 7, 9):
                rates: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
                for turn in range(ROUNDS):
                    for name, run in CONTESTANTS.items():
                        asked = [(distance, seconds, workers * turn + k) for k in range(workers)]
                        done = pool.starmap(run, asked, chunksize=1)
                        rates[name].append(sum(shots / spent for shots, spent in done) / workers)
                ratios = [one / other for one, other in zip(rates["novacron"], rates["sinter"], strict=True)]
                row = {"workers": workers, "distance": distance, "ratio": median(ratios)}
                found.append(row | {name: median(values) for name, values in rates.items()})
                print(row | found[-1], flush=True)
    return found


def durability(seconds: float) -> dict[str, Any]:
    """Return the processor time of everything beside sampling and decoding, at blocks of about a second.

    All processes count: worker, scheduler, PostgreSQL and Redis.
    """
    folder = Path(tempfile.mkdtemp(prefix="novacron-qec-"))
    with rig(folder, lease_s=30.0, fsync=True) as servers:
        scheduler, worker = servers.scheduler(), servers.worker(slots=1)
        running = {
            "scheduler": scheduler.child, "worker": worker, "postgres": servers.postgres,
            "redis": servers.redis,
        }  # fmt: skip
        pids = {name: child.pid for name, child in running.items() if child.pid is not None}
        _run(servers, seconds=5.0, seed=1)
        before, sampled_s = {name: _spent(pid) for name, pid in pids.items()}, _sampled(servers)
        _run(servers, seconds=seconds, seed=2)
        spent = {name: _spent(pid) - before[name] for name, pid in pids.items()}
        sampled_s = _sampled(servers) - sampled_s
        blocks = servers.value("SELECT count(*) FROM qec_blocks WHERE seconds > 0.5")
        wall_s = float(
            servers.value("SELECT extract(epoch FROM max(finished_at) - max(created_at)) FROM jobs")
        )
        idle = {name: rate * wall_s for name, rate in _idle(pids, 20.0).items()}
    shown = {
        "sampled_s": sampled_s, "blocks": blocks, "wall_s": wall_s, "spent_s": spent,
        "of_idle_processes_s": idle,
        "overhead": (sum(spent.values()) - sum(idle.values()) - sampled_s) / sampled_s,
    }  # fmt: skip
    print(shown, flush=True)
    return shown


def _run(servers: Rig, *, seconds: float, seed: int) -> None:
    asked = {
        "kind": "qec_memory", "code": "rotated_surface", "distance": 7, "p": 0.003, "seed": seed,
        "max_seconds": seconds, "max_errors": 10**9, "cache": False,
    }  # fmt: skip
    job = jobs.NewJob(servers.tenant_id, parse_spec(asked).model_dump(mode="json"))
    plan = jobs.Plan([TaskSpec("qec_collect", "cpu-sim")], {})
    servers.again(lambda connection: jobs.insert(connection, job, plan))
    servers.finish(1000.0 + 20 * seconds)


def _sampled(servers: Rig) -> float:
    return float(servers.value("SELECT coalesce(sum(seconds), 0) FROM qec_blocks"))


def _spent(pid: int) -> float:
    """Return the processor seconds of a process, of its children, and of those that have ended."""
    total = 0.0
    for process in [parent := psutil.Process(pid), *parent.children(recursive=True)]:
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _idle(pids: dict[str, int], seconds: float) -> dict[str, float]:
    """Return the processor seconds per second of processes while no job runs."""
    before, begin = {name: _spent(pid) for name, pid in pids.items()}, time.monotonic()
    time.sleep(seconds)
    elapsed_s = time.monotonic() - begin
    return {name: (_spent(pid) - before[name]) / elapsed_s for name, pid in pids.items()}


def table(seconds: float) -> list[dict[str, Any]]:
    """Return each row of the reference table beside our own rates, and how many standard errors apart."""
    found = []
    for (distance, p), (shots, errors) in REFERENCE.items():
        made = experiment(Point("rotated_surface", distance, distance, "z", p, "pymatching"))
        stream, own, chunk, begin = made.stream(1), 0, 0, time.process_time()
        while own < 4000 and time.process_time() - begin < seconds:
            own += made.errors(stream, chunk)
            chunk += 1
        n = chunk * made.chunk_shots
        rate, expected = own / n, errors / shots
        pooled = (own + errors) / (n + shots)
        apart = (rate - expected) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / shots)) if own + errors else 0.0
        row = {"distance": distance, "p": p, "shots": n, "errors": own, "rate": rate, "reference": expected}
        found.append(row | {"standard_errors": apart})
        print(found[-1], flush=True)
    return found


def bicycle(seconds: float) -> list[dict[str, Any]]:
    """Return the error rates of bivariate bicycle codes, begun with the counts of the last run.

    Decoders that are not installed keep their rows.
    """
    kept = {
        (row["distance"], row["p"], row["decoder"]): row for row in _kept().get("bicycle", {}).get("rows", ())
    }
    for distance, p, decoder in BICYCLE:
        if not DECODERS[decoder].missing:
            row = _continued(Point("bivariate_bicycle", distance, distance, "z", p, decoder), kept, seconds)
            kept[distance, p, decoder] = row
            print(row, flush=True)
    return [*kept.values()]


def _continued(
    point: Point, kept: dict[tuple[int, float, str], dict[str, Any]], seconds: float
) -> dict[str, Any]:
    """Sample a point for so many processor seconds more."""
    made = experiment(point)
    stream, library = made.stream(1), made.decoder.library
    version = metadata.version(library)
    known = kept.get((point.distance, point.p, point.decoder), {})
    shots, errors, spent_s = (
        known[name] if known.get("stream") == stream else 0 for name in ("shots", "errors", "seconds")
    )
    begin, first_s = time.process_time(), spent_s
    while spent_s - first_s < seconds:
        errors += made.errors(stream, shots // made.chunk_shots)
        shots += made.chunk_shots
        spent_s = first_s + time.process_time() - begin
    low, high = interval(errors, shots)
    return {
        "distance": point.distance, "p": point.p, "decoder": point.decoder, "library": f"{library} {version}",
        "stream": stream, "shots": shots, "errors": errors, "seconds": round(spent_s, 1),
        "rate": errors / shots, "rate_low": low, "rate_high": high,
    }  # fmt: skip


def again(seconds: float) -> dict[str, Any]:
    """Ask an embedded stack for a finished sweep of 27 points again, and for more errors.

    Args:
        seconds: wall seconds for asking again.
    """
    sweep = {
        "code": "rotated_surface", "distance": [3, 5, 7], "p": [0.004 + 0.001 * k for k in range(9)],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "novacron.cli"]
        subprocess.run([*command, "up", "--data", folder, "--detach"], check=True)
        try:
            runtime = json.loads((Path(folder) / "runtime.json").read_text())
            client = Client(runtime["url"], runtime["token"])
            first = _asked(client, sweep | {"max_errors": 500})
            from_cache = _until(seconds / 2, lambda: _asked(client, sweep | {"max_errors": 500}))
            collected = _until(
                seconds / 2, lambda: _asked(client, sweep | {"max_errors": 500, "cache": False})
            )
            more = _asked(client, sweep | {"max_errors": 1000})
        finally:
            subprocess.run([*command, "down", "--data", folder], check=True)
    return {
        "from_cache_s": [one for one, _ in from_cache], "collected_s": [one for one, _ in collected],
        "first_s": first[0], "first_shots": first[1], "twice_s": more[0], "twice_shots": more[1],
    }  # fmt: skip


def _asked(client: Client, spec: dict[str, Any]) -> tuple[float, int]:
    """Return the seconds from submission to result, and the shots of all points."""
    begin = time.perf_counter()
    points = client.submit({"kind": "qec_memory", **spec}).result().points
    return time.perf_counter() - begin, sum(point.shots for point in points)


def _until(seconds: float, run: Callable[[], tuple[float, int]]) -> list[tuple[float, int]]:
    begin, found = time.perf_counter(), [run()]
    while time.perf_counter() - begin < seconds:
        found.append(run())
    return found


def _kept() -> dict[str, Any]:
    """Return the figures that are stored."""
    return json.loads(RESULT.read_text()) if RESULT.exists() else {}


PARTS: dict[str, Callable[[float], Any]] = {
    "throughput": throughput,
    "durability": durability,
    "table": table,
    "bicycle": bicycle,
    "again": again,
}


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.qec", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[*PARTS])
    parser.add_argument("--seconds", type=float, default=10.0, help="processor seconds of a measurement")
    arguments = parser.parse_args()
    conditions = {"machine": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    kept = _kept()
    for name in arguments.parts:
        kept[name] = {**conditions, "rows": PARTS[name](arguments.seconds)}
    RESULT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
