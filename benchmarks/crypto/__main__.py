"""Run with `python -m benchmarks.crypto [--only registry,envelopes,handshakes] [--rounds N]`.

A rate below `AIM` of the library's own ends the run with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.crypto import envelopes, handshakes, registry
from benchmarks.crypto.turns import Race

RESULTS = Path(__file__).parents[1] / "results"
PARTS: dict[str, Callable[[], Iterator[Race]]] = {
    "registry": registry.races,
    "envelopes": envelopes.races,
    "handshakes": handshakes.races,
}
PACKAGES = ("cryptography", "pycryptodome", "pyOpenSSL")
AIM = 0.9
HEADER = "| what | operation | NovaCron | library alone | unit | ratio |\n|---|---|---:|---:|---|---:|"


def line(row: dict[str, Any]) -> str:
    """Format a row of the table."""
    rates = f"{row['own']:,.0f} | {row['bare']:,.0f}"
    return f"| {row['name']} | {row['operation']} | {rates} | {row['unit']} | {row['ratio']:.2f} |"


def main() -> int:
    """Measure, print and store; return 1 if the target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crypto")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=25)
    arguments = parser.parse_args()
    print(HEADER, flush=True)
    rows = []
    for part in arguments.only.split(","):
        for race in PARTS[part]():
            rows.append({"part": part} | race.run(arguments.rounds))
            print(line(rows[-1]), flush=True)
    about = {
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        "machine": platform.processor() or platform.machine(), "python": platform.python_version(),
        "rounds": arguments.rounds, "versions": {name: version(name) for name in PACKAGES},
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "crypto.md").write_text("\n".join([HEADER, *map(line, rows), "", str(about), ""]))
    (RESULTS / "crypto.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    slow = [f"{row['name']} {row['operation']}" for row in rows if row["ratio"] < AIM]
    print(f"below {AIM} of the library alone: {'; '.join(slow) or 'none'}")
    return int(bool(slow))


if __name__ == "__main__":
    raise SystemExit(main())
