"""The systemd units: what systemd itself says of them, and that they run what the images run."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.queues import QUEUES
from shared.settings import unknown
from tests.deploy.test_compose import DRAIN_S, SERVICES

ROOT = Path(__file__).resolve().parents[3]
UNITS = ROOT / "deploy" / "systemd"
NAMES = sorted(path.name for path in UNITS.glob("*.service"))
INSTALLED = "/opt/novacron/.venv/bin/python"
MOST_EXPOSED = 25
"""Tenths of systemd's scale of exposure: 0 is none, 100 all of it."""

each_unit = pytest.mark.parametrize("name", NAMES)


class Repeated(dict[str, str]):
    """A section of a unit, whose keys come several times: their values stand on lines of their own."""

    def __setitem__(self, key, value):
        if key in self and isinstance(value, list):
            self[key].extend(value)  # type: ignore[attr-defined]
            return
        super().__setitem__(key, value)


def service(path: Path) -> dict[str, list[str]]:
    parser = configparser.RawConfigParser(strict=False, dict_type=Repeated, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return {key: value.splitlines() for key, value in parser.items("Service")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units, told of a Python that is here, with an instance for each queue."""
    made = tmp_path_factory.mktemp("units")
    shutil.copytree(UNITS, made, dirs_exist_ok=True)
    for path in made.rglob("*.service"):
        path.write_text(path.read_text().replace(INSTALLED, sys.executable))
    for queue in QUEUES:
        shutil.copy(made / "novacron-worker@.service", made / f"novacron-worker@{queue}.service")
    return made


def judged(*arguments: str) -> str:
    command = ["systemd-analyze", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_systemd_finds_nothing_wrong(folder):
    units = [path for path in sorted(folder.glob("*.service")) if "@." not in path.name]
    said = judged("verify", "--man=no", *map(str, units))
    assert not [line for line in said.splitlines() if "novacron" in line], said


@each_unit
def test_little_is_open_to_a_unit_that_was_taken_over(folder, name):
    unit = folder / name.replace("@.", "@cpu-sim.")
    judged("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", str(unit))


@each_unit
def test_units_run_what_compose_runs(name):
    [command] = service(UNITS / name)["ExecStart"]
    program, *arguments = command.split()
    assert program == INSTALLED
    kind = name.removeprefix("novacron-").split(".")[0].rstrip("@")
    wanted = SERVICES["worker-cpu" if kind == "worker" else kind]["command"]
    assert arguments[:2] == wanted[1:3]


@each_unit
def test_secrets_are_credentials_and_variables_mean_something(name):
    said = service(UNITS / name)
    variables = dict(pair.split("=", 1) for line in said["Environment"] for pair in line.split())
    assert not list(unknown(variables))
    loaded = {line.split(":")[0] for line in said["LoadCredential"]}
    assert {value.removeprefix("%d/") for value in variables.values() if value.startswith("%d/")} == loaded


def test_a_worker_has_time_to_drain_and_the_key_is_the_crypto_worker_s_alone():
    assert int(service(UNITS / "novacron-worker@.service")["TimeoutStopSec"][0]) > DRAIN_S
    told = [path for path in UNITS.rglob("*.*") if path.is_file() and "NOVACRON_KEK" in path.read_text()]
    assert [path.parent.name for path in told] == ["novacron-worker@crypto.service.d"]
