"""A second process finds compiled code on disk and compiles nothing."""

import os
import subprocess
import sys

import pytest

SECOND_START = """
from numba.core import event
compiled = []

class Listener(event.Listener):
    def on_start(self, happened): compiled.append(happened.data["dispatcher"].py_func.__qualname__)
    def on_end(self, happened): pass

event.register("numba:compile", Listener())
import numpy as np
from workers.quantum.simulation.statevector.full_space import FullSpace
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, PauliRotation, Program
program = Program(3, 1, (PauliRotation(4, 0, Angle.parameter(0)),))
space = FullSpace(program, PauliSum.from_terms([("ZII", 1.0)]))
print(space.energy_and_gradient(np.array([0.0]))[0], compiled)
"""


def test_a_second_start_compiles_nothing():
    runs = [
        subprocess.run([sys.executable, "-c", SECOND_START], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[1].stdout == "1.0 []\n"


@pytest.mark.parametrize("threads", ["3", None])
def test_the_number_of_threads_is_set_by_the_environment(monkeypatch, threads):
    from workers.quantum.simulation.cpu.thread_pool import width

    monkeypatch.delenv("NOVACRON_THREADS", raising=False)
    if threads:
        monkeypatch.setenv("NOVACRON_THREADS", threads)
    assert width() == (int(threads) if threads else len(os.sched_getaffinity(0)))
