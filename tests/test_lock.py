"""The lock: what pyproject.toml asks for is in it, for every Python, with hashes and wheels."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from testing.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def asked_for(*extras: str) -> list[str]:
    """What the project and some of its extras ask for; an extra may name others of the project."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        for line in EXTRAS[extra]:
            named = Requirement(line)
            lines += asked_for(*named.extras) if named.name == PROJECT["name"] else [line]
    return lines


COMMAND_LINE = {"rich", "typer"}
"""Libraries of `novacron`, the command: images have none."""


def needed_in_image(*extras: str) -> list[str]:
    """What an image's extras ask for, without the command line."""
    return [line for line in asked_for(*extras) if Requirement(line).name not in COMMAND_LINE]


IMAGES = {
    "requirements/scheduler.lock": needed_in_image("scheduler", "otel"),
    "requirements/worker.lock": needed_in_image("worker", "otel"),
    "requirements/worker-full.lock": needed_in_image("worker", "chem", "ibm", "qec", "otel"),
    "requirements/worker-gpu.lock": needed_in_image("worker", "gpu", "otel"),
    "requirements/flower.lock": needed_in_image("flower"),
}
LOCKS = IMAGES | {
    "requirements.lock": asked_for("server", "plot", "otel"),
    "requirements-dev.lock": asked_for("server", "plot", "otel", "dev"),
}
AWAY = ("dns error", "error sending request", "tcp connect", "Network connectivity is disabled", "timed out")


def machine(python: str) -> dict[str, str]:
    """What markers are told of a Python on Linux."""
    return {
        "python_version": python, "python_full_version": f"{python}.1", "sys_platform": "linux",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
        "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix",
    }  # fmt: skip


def pins(lock: str, python: str) -> dict[str, str]:
    """Version of each package that a Python on Linux installs."""
    found: dict[str, str] = {}
    for line in re.findall(r"^[\w.-]+==.*", (ROOT / lock).read_text(), re.MULTILINE):
        requirement = Requirement(line.rstrip("\\ "))
        if requirement.marker is None or requirement.marker.evaluate(machine(python)):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{lock} has two versions of {name} for {python}"
            [found[name]] = (one.version for one in requirement.specifier)
    return found


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_whatever_is_asked_for_is_locked_in_a_version_that_fits(lock: str, python: str):
    locked = pins(lock, python)
    for line in LOCKS[lock]:
        asked = Requirement(line)
        if asked.marker is None or asked.marker.evaluate(machine(python)):
            assert asked.specifier.contains(locked[canonicalize_name(asked.name)], prereleases=True), line


def test_every_pin_has_a_hash():
    for lock in (*LOCKS, "requirements-uv.lock"):
        for entry in re.split(r"\n(?=\w)", (ROOT / lock).read_text()):
            assert "--hash=sha256:" in entry, entry


def test_tests_run_on_what_runs():
    for python in PYTHONS:
        assert pins("requirements.lock", python).items() <= pins("requirements-dev.lock", python).items()


def test_images_run_on_what_the_laptop_runs_on():
    """So results have the same keys, and are the same."""
    for python in PYTHONS:
        here = pins("requirements.lock", python)
        for lock in IMAGES:
            assert {
                name: version for name, version in pins(lock, python).items() if name in here
            }.items() <= here.items()
            more = lock in ("requirements/worker-gpu.lock", "requirements/worker-full.lock")
            assert more or pins(lock, python).keys() <= here.keys()


def test_the_full_worker_is_the_worker_and_more():
    for python in PYTHONS:
        worker, full = (pins(f"requirements/{name}.lock", python) for name in ("worker", "worker-full"))
        assert worker.items() <= full.items()


@pytest.mark.parametrize(
    ("image", "without"),
    [
        ("scheduler", {"numpy", "scipy", "qiskit", "numba", "scikit-learn", "flower", "prompt-toolkit"}),
        ("worker", {"fastapi", "uvicorn", "alembic", "sqlalchemy", "openqasm3", "flower", "prompt-toolkit"}),
        ("flower", {"numpy", "qiskit", "sqlalchemy", "psycopg", "fastapi", "cryptography", *COMMAND_LINE}),
    ],
)
def test_an_image_carries_what_its_processes_import(image, without):
    assert not without & pins(f"requirements/{image}.lock", "3.12").keys()


@pytest.mark.parametrize(
    ("lock", "python", "library"),
    [
        *(("requirements-dev.lock", python, "2_28") for python in PYTHONS),
        # In the image, on Debian 12.
        ("requirements/worker-full.lock", "3.12", "2_36"),
    ],
)
def test_every_pin_has_a_wheel(lock: str, python: str, library: str, tmp_path: Path):
    """Asks the index, or what uv keeps of it; where neither answers, only `make lock` can tell."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv is not None
    command = [
        uv, "pip", "install", "--dry-run", "--quiet", "--target", str(tmp_path), "--python", sys.executable,
        "--python-version", python, "--python-platform", f"x86_64-manylinux_{library}", "--no-deps",
        "--require-hashes", "--only-binary", ":all:", "--requirement", str(ROOT / lock),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=3 * PATIENCE_S)
    away = any(word in done.stderr for word in AWAY) and not os.environ.get("CI")
    assert done.returncode == 0 or away, done.stderr
