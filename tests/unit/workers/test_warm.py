"""Machine code is made ahead: what `workers.warm` compiles is all that small jobs need."""

import subprocess
import sys
from pathlib import Path

from workers import warm
from workers.simulation.compiled import jit

ROOT = Path(__file__).parents[3]
COUNTED = """
from numba.core import event
from workers import warm

compiled = []

class Listener(event.Listener):
    def on_start(self, begun):
        compiled.append(begun)

    def on_end(self, ended):
        pass

with event.install_listener("numba:compile", Listener()):
    warm.simulators()
print("compiled", len(compiled))
"""


def compilations() -> int:
    done = subprocess.run(
        [sys.executable, "-c", COUNTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[-1])


def test_a_job_is_told_that_it_waits_for_machine_code(monkeypatch, tmp_path):
    told: list[str] = []
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    warm.announce(told.append)
    assert told == [warm.COMPILING]
    jit.cache_folder().mkdir(parents=True)
    (jit.cache_folder() / "complete").touch()
    warm.announce(told.append)
    assert len(told) == 1


def test_a_second_process_compiles_nothing():
    compilations()
    assert compilations() == 0
