"""How the kernel matrix of a quantum kernel job is cut into blocks: the planner and the workers must agree.

The layout depends on the size of the data alone, never on how many workers there are, so that a kernel
estimated from shots has the same bits wherever its blocks were computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_EDGE = 64
# A tile of states is at most this many amplitudes (64 MiB).
TILE_AMPLITUDES = 2**22


@dataclass(frozen=True, slots=True)
class Tile:
    """Consecutive samples: of the training part, or of the test part.

    Attributes:
        test: whether they are test samples.
        start: first sample.
        stop: one past the last.
    """

    test: bool
    start: int
    stop: int

    @property
    def samples(self) -> slice:
        """As an index into its part."""
        return slice(self.start, self.stop)


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the kernel matrix. Where row and column are the same tile it is symmetric.

    Attributes:
        row: the samples down, training or test.
        column: the samples across, always training.
    """

    row: Tile
    column: Tile


def sample_count(data: Mapping[str, Any]) -> int:
    """Number of samples of a job's canonical `data`, which says it for a dataset by name."""
    return len(data["features"]) if "features" in data else int(data["n_samples"])


def split_sizes(n_samples: int, test_fraction: float) -> tuple[int, int]:
    """Training and test samples: the test part is rounded to the nearest, a half upwards."""
    n_test = int(n_samples * test_fraction + 0.5)
    return n_samples - n_test, n_test


def tiles(n_train: int, n_test: int, n_qubits: int) -> list[Tile]:
    """The training tiles, then the test tiles."""
    edge = max(1, min(MAX_EDGE, TILE_AMPLITUDES >> n_qubits))
    return [
        Tile(test, start, min(start + edge, n))
        for test, n in ((False, n_train), (True, n_test))
        for start in range(0, n, edge)
    ]


def blocks(n_train: int, n_test: int, n_qubits: int) -> list[Block]:
    """All blocks, in the order in which the results of their tasks are gathered.

    The upper triangle of train x train, row by row, then test x train.
    """
    every = tiles(n_train, n_test, n_qubits)
    train = [tile for tile in every if not tile.test]
    test = [tile for tile in every if tile.test]
    upper = [Block(row, column) for i, row in enumerate(train) for column in train[i:]]
    return upper + [Block(row, column) for row in test for column in train]
