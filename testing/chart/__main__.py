"""Checks the chart.

`python -m testing.chart check` renders all values for all Kubernetes versions, `... cluster` installs them on
the API server that KUBECONFIG names, and `... write` generates files.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable

from testing.chart import cluster, copies, matrix, page, schema, tools


def main() -> int:
    """Check or write; return 1 if a case has a fault."""
    parser = argparse.ArgumentParser(prog="python -m testing.chart", description=__doc__)
    parser.add_argument("what", choices=("check", "cluster", "write"))
    what = parser.parse_args().what
    if what == "write":
        return write()
    if not tools.all_here():
        print(f"{what}: {tools.WHY}", file=sys.stderr)
        return 1
    return report(what, matrix.check() if what == "check" else cluster.check())


def write() -> int:
    """Write the values schema, the README's table and the copies."""
    (tools.CHART / "values.schema.json").write_text(schema_text())
    page.README.write_text(page.page())
    copies.write()
    return 0


def schema_text() -> str:
    """Return the required content of values.schema.json."""
    return json.dumps(schema.build(), indent=1) + "\n"


def report(what: str, results: Iterable[tuple[str, list[str]]]) -> int:
    """Print the faults of each case, and their number; return 1 if there is one."""
    begun, cases, faulty = time.monotonic(), 0, 0
    for case, found in results:
        cases += 1
        faulty += bool(found)
        for fault in found:
            print(f"{case}: {fault}", flush=True)
    seconds = time.monotonic() - begun
    print(f"{what}: {cases} cases, {faulty} with faults, {seconds:.0f} s")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
