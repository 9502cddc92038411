"""Independent random streams, each identified by its purpose."""

import numpy as np

# Positions in the spawn key: streams of different purpose never coincide, whatever the numbers after them.
START, OPTIMIZER, UNIT, CONCLUSION, DISORDER, TRAJECTORIES = range(6)


def generator(seed: int, purpose: int, *path: int) -> np.random.Generator:
    """Return the stream of (seed, purpose, path): the same on every machine and in every process.

    Source: NumPy's SeedSequence with a spawn key, feeding PCG64.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(purpose, *path))))
