"""The wheel of the client, and an environment that has nothing else; made without a network."""

import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("novacron", "shared", "scheduler", "workers", "migrations")
OFFLINE = ("--no-deps", "--no-index", "--quiet")


def build(folder: Path) -> Path:
    """The wheel, built in a folder from a copy of the tree."""
    source, target = folder / "source", folder / "wheel"
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, source)
    _pip("wheel", *OFFLINE, "--no-build-isolation", "--wheel-dir", str(target), str(source))
    [built] = target.glob("*.whl")
    return built


def install(wheel: Path, folder: Path) -> Path:
    """Install it with what it says it needs into a new environment; returns the folder of its programs.

    What it needs is copied from the environment of the tests.
    """
    venv.create(folder, symlinks=True)
    [site] = folder.glob("lib/python*/site-packages")
    _pip("--python", str(folder / "bin" / "python"), "install", *OFFLINE, str(wheel))
    for needed in _needed(Distribution.at(next(site.glob("novacron-*.dist-info"))), set()):
        for file in needed.files or ():
            if file.parts[0] not in ("..", "__pycache__"):
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(needed.locate_file(file)), site / file)
    return folder / "bin"


def _needed(one: Distribution, known: set[str]) -> Iterator[Distribution]:
    """What a distribution requires without extras, and what that requires."""
    for line in one.requires or ():
        requirement = Requirement(re.sub(r"\s+#.*", "", line))
        name = canonicalize_name(requirement.name)
        if name not in known and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            known.add(name)
            yield (found := distribution(name))
            yield from _needed(found, known)


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True, capture_output=True)
