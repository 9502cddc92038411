"""`python -m testing.chart check` runs all values on all Kubernetes versions; `... write` generates files."""

from __future__ import annotations

import argparse
import json
import sys
import time

from testing.chart import copies, matrix, page, schema, tools


def main() -> int:
    """Check or write; return 1 if a case fails."""
    parser = argparse.ArgumentParser(prog="python -m testing.chart", description=__doc__)
    parser.add_argument("what", choices=("check", "write"))
    return {"check": check, "write": write}[parser.parse_args().what]()


def write() -> int:
    """Write the values schema, the README's table and the copies."""
    (tools.CHART / "values.schema.json").write_text(schema_text())
    page.README.write_text(page.page())
    copies.write()
    return 0


def schema_text() -> str:
    """Return the required content of values.schema.json."""
    return json.dumps(schema.build(), indent=1) + "\n"


def check() -> int:
    """Run the whole matrix and print the faults."""
    if not tools.all_here():
        print(f"chart-check: {tools.WHY}", file=sys.stderr)
        return 1
    begun, cases, faulty = time.monotonic(), 0, 0
    for case, found in matrix.check():
        cases += 1
        faulty += bool(found)
        for fault in found:
            print(f"{case}: {fault}")
    seconds = time.monotonic() - begun
    print(f"chart-check: {cases} cases, {faulty} with faults, {seconds:.0f} s")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
