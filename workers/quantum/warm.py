"""Compiles machine code ahead of use: `python -m workers.quantum.warm` runs each kernel on a small input.

Numba caches compiled code on disk. The first run after an installation compiles, on several processors; later
processes load. Single precision, which few jobs use, is compiled by the first job that needs it, or here with
`--single`: for an image, whose cache is read-only.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import active_children, get_context

import numpy as np

from novacron.specs.noise import WrittenReadout
from shared.circuits.instruction import Gate, Measure
from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from workers.quantum.backends import load
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.executed import unasked
from workers.quantum.backends.immediate import answers
from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.dependencies import Operation
from workers.quantum.compiler.router.search import Search
from workers.quantum.simulation.cpu.code_cache import compiling, is_compiled, is_sealed, mark_compiled
from workers.quantum.simulation.cpu.thread_pool import width
from workers.quantum.simulation.ir.gates import matrix
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.simulation.noise.averages import Averages
from workers.quantum.simulation.noise.model import NoiseModel

COMPILING = {
    "double": "the machine code of simulators and router is compiled now, once an installation; "
    "this job waits for a minute or more (make setup does it ahead)",
    "single": "the simulators' machine code for single precision is compiled now, once an installation; "
    "this job waits for a minute or more",
}
QUBITS = 4
ANGLE = Angle.parameter(0)
ERROR = {
    "name": "depolarizing", "p": 0.1, "each": False, "gates": ["cx"], "gate_qubits": None, "qubits": None,
}  # fmt: skip
READOUT: WrittenReadout = {"matrix": [[0.9, 0.1], [0.2, 0.8]], "qubits": None}
NOISE = NoiseModel({"errors": [ERROR], "readout": [READOUT], "drift": None}, range(2))


def kernels() -> None:
    """Run the router, and every path of the compiled simulators in double precision."""
    for part in PARTS:
        part()


def ahead() -> None:
    """Compile missing code, in several processes; wait if other processes already compile it."""
    if is_compiled("double"):
        return
    with compiling():
        if not is_compiled("double"):
            _compile()
            mark_compiled("double")


def _compile() -> None:
    with ProcessPoolExecutor(min(width(), len(PARTS)), get_context("spawn")) as pool:
        try:
            for made in [pool.submit(part) for part in PARTS]:
                made.result()
        except BaseException:  # including termination: no one would wait for the pool's processes
            for process in active_children():
                process.terminate()
            raise


def announce(note: Callable[[str], None], precision: str) -> None:
    """Tell a job that it waits for machine code, if it is missing; compile single precision code."""
    if is_compiled(precision):
        return
    note(COMPILING[precision])
    if precision == "single" and not is_sealed():
        with compiling():
            if not is_compiled(precision):
                _ops(precision)
                mark_compiled(precision)


def _excitations() -> None:
    _loop("double", (Excitation((0,), (2,), ANGLE), Excitation((0, 1), (2, 3), ANGLE)))


def _ops(precision: str) -> None:
    everything = (
        Unitary((0, 1), matrix("cx")), Unitary((0, 2, 3), matrix("ccx")), Unitary((0,), matrix("h")),
        PauliRotation(0b1100, 0b0110, ANGLE), DiagonalPhase(np.arange(2.0**QUBITS), ANGLE), RXLayer(ANGLE),
    )  # fmt: skip
    _loop(precision, everything)


def _loop(precision: str, ops: tuple[Op, ...]) -> None:
    observable, point = PauliSum.from_terms([("ZZII", 1.0), ("XXYY", 0.5)]), np.array([0.1])
    pub, backend = (
        Pub.of(Program(QUBITS, 1, ops, 0b1100), point, observable),
        load("statevector", precision=precision),
    )
    every = frozenset({Want.EXPECTATIONS, Want.GRADIENTS, Want.ESTIMATES})
    for want in (every - {Want.GRADIENTS, Want.ESTIMATES}, every):
        with unasked():
            answers(backend, Batch((pub,), want, shots=2))


def _circuits() -> None:
    gates = (Gate("h", (0,)), Gate("cx", (0, 1)))
    record = CircuitRecord(2, (), (("c", 1),), (*gates, Measure(0, 0), *gates))
    for name, model in (("statevector", None), ("density_matrix", NOISE), ("trajectories", NOISE)):
        pub = Pub.of(record, (), [("ZZ", 1.0)])
        want = frozenset({Want.COUNTS, Want.EXPECTATIONS})
        with unasked():
            answers(load(name), Batch((pub,), want, shots=2, noise=model))
    alone = replace(record, registers=(), instructions=gates)
    Averages(alone, PauliSum.from_terms([("ZZ", 1.0)]), NOISE).block(np.empty(0), 0, 1, 1, gradient=True)


def _router() -> None:
    pair = Operation((0, 1), ("Z", "X"), 1)
    Search([pair], 2, Coupling.of(2, {(0, 1): 1.0}), (0,)).plain()


# In the order in which two processors finish soonest.
PARTS = (partial(_ops, "double"), _circuits, _excitations, _router)


def main() -> None:
    """Warm up and report how long it took."""
    parser = argparse.ArgumentParser(prog="python -m workers.quantum.warm", description=main.__doc__)
    parser.add_argument("--single", action="store_true", help="single precision, too")
    single = parser.parse_args().single
    print("simulators and router: machine code is compiled once an installation", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    ahead()
    kernels()
    if single:
        announce(print, "single")
    print(f"simulators and router: ready after {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
