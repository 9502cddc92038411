"""What is installed where: the wheel holds the client alone, and nothing of the server comes with it."""

import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVER = ("shared", "scheduler", "workers", "migrations", "tests")
HEAVY = (
    "celery", "kombu", "sqlalchemy", "alembic", "redis", "psycopg", "fastapi", "uvicorn", "numpy", "scipy",
    "sklearn", "qiskit", "matplotlib", "cryptography", "psutil",
)  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree without a network."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for folder in ("novacron", *SERVER[:4]):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / file, source)
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", str(target), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    [built] = target.glob("*.whl")
    return built


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


def test_no_installed_distribution_takes_the_names_of_our_folders():
    taken = packages_distributions()
    assert not {name: taken[name] for name in SERVER if name in taken}


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
