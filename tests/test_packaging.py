"""What is installed where: the wheel holds the client alone, and nothing of the server comes with it."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.utils import canonicalize_name

from tests import wheels

ROOT = Path(__file__).resolve().parents[1]
SERVER = ("shared", "scheduler", "workers", "migrations", "tests")
HEAVY = (
    "celery", "kombu", "sqlalchemy", "alembic", "redis", "psycopg", "fastapi", "uvicorn", "numpy", "scipy",
    "sklearn", "qiskit", "matplotlib", "cryptography", "psutil",
)  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheels.build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def imports_of(unpacked: Path, statement: str) -> set[str]:
    """Top-level modules loaded by a statement in an interpreter that sees the wheel and its dependencies."""
    before = f"import sys; sys.path.insert(0, {str(unpacked)!r})"
    code = f"{before}; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def test_no_locked_distribution_takes_the_names_of_our_folders():
    """Others may be installed beside them: PennyLane, say, which benchmarks use, brings its `tests`."""
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE))
    owners = packages_distributions()
    taken = {name: locked.intersection(map(canonicalize_name, owners.get(name, ()))) for name in SERVER}
    assert not {name: by for name, by in taken.items() if by}


def test_the_wheel_holds_the_client_alone(wheel: Path):
    with ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"novacron"}


def test_the_wheel_holds_all_of_the_client(unpacked: Path):
    built = {path.relative_to(unpacked) for path in (unpacked / "novacron").rglob("*") if path.is_file()}
    wanted = {
        path.relative_to(ROOT)
        for path in (ROOT / "novacron").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert built == wanted
    assert Path("novacron/py.typed") in built


def test_importing_the_client_loads_nothing_of_the_server(unpacked: Path):
    loaded = imports_of(unpacked, "import novacron; assert novacron.__file__.startswith(sys.path[0])")
    assert "novacron" in loaded
    assert not loaded & {*SERVER, *HEAVY}


def test_everything_the_client_offers_can_be_had_without_the_server(unpacked: Path):
    loaded = imports_of(unpacked, "import novacron.cli; from novacron import *")
    assert not loaded & {*SERVER, *HEAVY}


def test_the_command_is_there(unpacked: Path):
    [info] = unpacked.glob("*.dist-info")
    assert "novacron = novacron.cli:main" in (info / "entry_points.txt").read_text()
