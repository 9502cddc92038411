"""Readout of a state on the device."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cuda.device import Buffer
from workers.quantum.simulation.cuda.launcher import Launcher
from workers.quantum.simulation.ir.program import Float

MAX_DRAWS = 1 << 22


def probabilities(launch: Launcher, ket: Buffer, size: int, blocks: int) -> Float:
    """Return the probabilities of the basis states, float64[size]."""
    weights = launch.device.empty(size, np.float64)
    launch("probabilities", (blocks, 1), [ket, weights, size])
    return launch.device.download(weights, size)


def sample(launch: Launcher, ket: Buffer, size: int, blocks: int, draws: Float) -> NDArray[np.int64]:
    """Return the basis states at which the cumulative probability exceeds draws from [0, 1), int64[shots]."""
    device, chunk = launch.device, launch.threads
    n_chunks = -(-size // chunk)
    masses = device.empty(n_chunks, np.float64)
    launch("chunk_masses", (min(n_chunks, blocks), 1), [ket, masses, size])
    running = np.cumsum(device.download(masses, n_chunks))
    ends = device.upload(running)
    outcomes = np.empty(len(draws), dtype=np.int64)
    for first in range(0, len(draws), MAX_DRAWS):
        part = draws[first : first + MAX_DRAWS] * running[-1]
        found = device.empty(len(part), np.int64)
        chunks = [ket, ends, n_chunks, chunk, size]
        launch(
            "locate", (-(-len(part) // launch.threads), 1), [*chunks, device.upload(part), found, len(part)]
        )
        outcomes[first : first + MAX_DRAWS] = device.download(found, len(part))
    return outcomes
