"""Partition of a quantum kernel matrix into blocks, on which the planner and the workers must agree.

The layout depends only on the size of the data, never on the number of workers, so that a kernel estimated
from shots is bitwise identical wherever its blocks were computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from novacron.errors import BadInput

MAX_EDGE = 64
MAX_SAMPLES = 10_000
MAX_BLOCKS = 100_000
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
        """Slice of its part."""
        return slice(self.start, self.stop)


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the kernel matrix; symmetric if row and column are the same tile.

    Attributes:
        row: the row samples, training or test.
        column: the column samples, always training.
    """

    row: Tile
    column: Tile


def split_sizes(n_samples: int, test_fraction: float) -> tuple[int, int]:
    """Return the numbers of training and test samples; the test part is rounded to nearest, half up."""
    n_test = int(n_samples * test_fraction + 0.5)
    return n_samples - n_test, n_test


def tiles(n_train: int, n_test: int, n_qubits: int) -> list[Tile]:
    """Return the training tiles, then the test tiles."""
    edge = max(1, min(MAX_EDGE, TILE_AMPLITUDES >> n_qubits))
    return [
        Tile(test, start, min(start + edge, n))
        for test, n in ((False, n_train), (True, n_test))
        for start in range(0, n, edge)
    ]


def blocks(n_train: int, n_test: int, n_qubits: int) -> list[Block]:
    """Return all blocks, in the order in which the results of their tasks are gathered.

    The upper triangle of train x train, row by row, then test x train.

    Raises:
        BadInput: there are too many samples for a kernel matrix.
    """
    if n_train + n_test > MAX_SAMPLES:
        rule = f"a kernel takes up to {MAX_SAMPLES} samples, its matrix grows with their square"
        raise BadInput(
            rule, field="data", value=n_train + n_test, hint="use fewer, or variational_classifier"
        )
    every = tiles(n_train, n_test, n_qubits)
    train = [tile for tile in every if not tile.test]
    test = [tile for tile in every if tile.test]
    if len(train) * (len(train) + 1) // 2 + len(test) * len(train) > MAX_BLOCKS:
        rule = (
            f"{n_train + n_test} samples of {n_qubits} qubits are more than {MAX_BLOCKS} blocks of a kernel"
        )
        raise BadInput(
            rule, field="data", hint="use fewer samples, or fewer features through data.n_features"
        )
    upper = [Block(row, column) for i, row in enumerate(train) for column in train[i:]]
    return upper + [Block(row, column) for row in test for column in train]
