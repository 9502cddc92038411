"""`python -m benchmarks.fuzz PARSER [SECONDS]`: mutate a parser's inputs until one breaks it.

Needs `pip install atheris` (CPython up to 3.13 on Linux). Without PARSER, lists them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["novacron", "shared", "workers", "scheduler"]):
    from testing.fuzz.parsers import parsers

SECONDS = 60


def main(arguments: list[str]) -> None:
    """Run one campaign; a crash ends the process with the input that made it."""
    found = parsers()
    if not arguments or arguments[0] not in found:
        sys.exit(f"which parser? {', '.join(found)}")
    parser, seconds = found[arguments[0]], int(arguments[1]) if len(arguments) > 1 else SECONDS
    with TemporaryDirectory(prefix="novacron-fuzz-") as corpus:
        for number, sample in enumerate(parser.samples):
            Path(corpus, str(number)).write_bytes(sample)
        atheris.Setup([sys.argv[0], corpus, f"-max_total_time={seconds}"], parser.feed)
        atheris.Fuzz()


main(sys.argv[1:])
