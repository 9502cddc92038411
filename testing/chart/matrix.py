"""Every values file, on every version of Kubernetes, with every Helm version."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

from testing.chart.kinds import faults
from testing.chart.rendering import Refused, documents, lint, render
from testing.chart.tools import VALUES, VERSIONS


def files() -> list[Path]:
    """Return the values files."""
    return sorted(VALUES.glob("*.yaml"))


def check(majors: str = "34", versions: tuple[str, ...] = VERSIONS) -> Iterator[tuple[str, list[str]]]:
    """Yield each case's name and its faults."""
    cases = list(product(files(), majors, versions))
    with ThreadPoolExecutor() as threads:
        yield from zip((f"{file.stem}, Helm {major}, Kubernetes {version}" for file, major, version in cases),
                       threads.map(_judged, cases), strict=True)  # fmt: skip
        linted = list(product(files(), majors))
        yield from zip((f"{file.stem}, lint of Helm {major}" for file, major in linted),
                       threads.map(_linted, linted), strict=True)  # fmt: skip


def _judged(case: tuple[Path, str, str]) -> list[str]:
    file, major, version = case
    try:
        found = documents(render(major, [file], kubernetes=version))
    except Refused as refused:
        return [str(refused)]
    return [fault for document in found for fault in faults(document, version)]


def _linted(case: tuple[Path, str]) -> list[str]:
    return list(filter(None, [lint(case[1], case[0])]))
