"""Calls of backends that return results immediately."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from shared.quantum.wants import Want
from workers.quantum.backends.base import ALONE, Backend, Control, Plan, Queued, Share
from workers.quantum.backends.batch import Batch, Pub, Result
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.ir.refusal import UnsupportedError
from workers.quantum.simulation.noise.model import NoiseModel


def finished(backend: Backend, plan: Plan, control: Control = ALONE) -> Result:
    """Return the answers of a backend whose work is done when `run` returns.

    Raises:
        UnsupportedError: The backend queues its work.
    """
    share = backend.run(plan, None, control)
    if isinstance(share, Queued):
        raise UnsupportedError(f"{backend.name} answers later, and an answer is needed here at once")
    return backend.merge(plan, [share], control)


def only_part(share: Share | Queued) -> Any:
    """Return the result of a batch with a single question.

    Raises:
        UnsupportedError: The backend queues its work.
    """
    if isinstance(share, Queued):
        raise UnsupportedError("the backend answers later, and an answer is needed here at once")
    ((_, part),) = share
    return part


def prepared(
    backend: Backend,
    program: Program,
    observable: PauliSum | None,
    want: Set[Want],
    noise: NoiseModel | None = None,
    shots: int | None = None,
) -> Plan:
    """Prepare one program with one observable or none, to be run at points given later."""
    pub = Pub.of(program, np.zeros(program.n_parameters), observable)
    return backend.prepare(Batch((pub,), frozenset(want), shots, noise=noise))


def answers(backend: Backend, batch: Batch, control: Control = ALONE) -> Result:
    """Prepare and run a batch once."""
    return finished(backend, backend.prepare(batch), control)
