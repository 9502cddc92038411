"""Tools that check the chart: both major versions of Helm and the schemas of Kubernetes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "novacron"
VALUES = ROOT / "tests" / "deploy" / "chart" / "values"
"""One values file for each kind of installation."""
OWN_SCHEMAS = ROOT / "deploy" / "helm" / "schemas"
FETCHED = Path(sys.prefix) / "chart"
VERSIONS = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
"""Versions of Kubernetes."""
WHY = "Helm 3 and 4 and the schemas of Kubernetes are not here: scripts/chart_tools.sh fetches them"


@cache
def helms() -> dict[str, str]:
    """Return programs by major version, `3` and `4`: downloaded ones, else the one on PATH."""
    found = {major: str(path) for major in "34" if (path := FETCHED / f"helm{major}").exists()}
    if not found and (other := shutil.which("helm")):
        said = subprocess.run([other, "version", "--short"], capture_output=True, text=True, check=True)
        found = {said.stdout.removeprefix("v")[:1]: other}
    return found


def all_here() -> bool:
    """Return whether both major versions and the schemas are available."""
    return helms().keys() == {"3", "4"} and (FETCHED / "schemas").is_dir()
