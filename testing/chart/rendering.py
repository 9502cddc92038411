"""Renders the chart with a values file by Helm."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from testing.chart.tools import CHART, helms

LONGEST_S = 120.0
RELEASE, NAMESPACE = "one", "quantum"
QUICK = {"GOGC": "off", "GOMAXPROCS": "1"}
"""Helm runs too briefly for garbage collection to be useful."""
Document = dict[str, Any]


class Refused(Exception):  # noqa: N818 - what a test expects, in the words of the chart
    """Helm did not render; the text is its output."""


def render(
    major: str, values: Iterable[Path] = (), *, sets: tuple[str, ...] = (), kubernetes: str = "1.37",
    release: str = RELEASE, namespace: str = NAMESPACE,
) -> str:  # fmt: skip
    """Return the manifests as text.

    Args:
        major: major version of Helm.
        values: values files, later ones override earlier ones.
        sets: `key=value`, overriding all files.
        kubernetes: version of the cluster, as `1.37`.
        release: its name.
        namespace: target namespace.

    Raises:
        Refused: the values are rejected.
    """
    arguments = [f"--values={file}" for file in values] + [f"--set={one}" for one in sets]
    command = [helms()[major], "template", release, str(CHART), f"--namespace={namespace}"]
    command += [f"--kube-version={kubernetes}.0", *arguments]
    done = _run(command)
    if done.returncode:
        raise Refused(done.stderr.strip())
    return done.stdout


def version(major: str) -> str:
    """Return a Helm's version."""
    return _run([helms()[major], "version", "--short"]).stdout


def lint(major: str, values: Path) -> str:
    """Return what `helm lint --strict` reports, empty if nothing."""
    command = [helms()[major], "lint", "--strict", "--quiet", str(CHART), f"--values={values}"]
    done = _run(command)
    return done.stdout + done.stderr if done.returncode else ""


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, env=os.environ | QUICK)


@cache
def documents(text: str) -> tuple[Document, ...]:
    """Return the objects of manifests."""
    return tuple(one for one in yaml.load_all(text, Loader=yaml.CSafeLoader) if one)
