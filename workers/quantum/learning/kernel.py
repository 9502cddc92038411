"""Fidelity kernels: the similarity of two samples as the overlap of their states.

Source: Havlicek et al., Nature 567, 209 (2019), section "Quantum kernel estimation".
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.specs.qml import QML, KernelSvm
from shared.quantum.kernel_blocks import Block, Tile, blocks
from workers.quantum.learning.data import Dataset, load
from workers.quantum.learning.feature_maps import FeatureMap, feature_map

Float = NDArray[np.float64]
Complex = NDArray[np.complex128]

# First number of the spawn keys of shot noise, distinct from those of the variational loops.
_SHOTS, _NEW = 103, 106
BATCH = 256
"""Number of new samples whose states are held at a time."""
LISTED = 40_000
"""Maximum number of kernel matrix entries, training and test together, that a result lists."""
# Size of the state cache while all blocks are computed in one process.
_CACHE_BYTES = 2**29


class Kernel:
    """The kernel matrix of one job, computed block by block.

    Attributes:
        map: the circuit.
        model: the kernel's parameters; a bandwidth below 1 keeps the states of many qubits from being
            orthogonal.
        dataset: the samples.
        blocks: the block layout, in assembly order.

    Source: bandwidth: Shaydulin and Wild, Physical Review A 106, 042407 (2022).
    """

    def __init__(self, spec: QML, dataset: Dataset) -> None:
        model = spec.model
        assert isinstance(model, KernelSvm)
        self.map: FeatureMap = feature_map(model.feature_map, dataset.n_features, model.layers)
        self.model, self.dataset = model, dataset
        self.shots, self.seed = spec.shots, spec.seed
        self.blocks: Sequence[Block] = blocks(len(dataset.x_train), len(dataset.x_test), self.map.n_qubits)
        first = self.blocks[0].row
        self._room = max(2, _CACHE_BYTES // (16 * 2**self.map.n_qubits * (first.stop - first.start)))
        self._states: dict[Tile, Complex] = {}

    @classmethod
    def of(cls, spec: QML) -> Kernel:
        """Return the kernel of a job, with its data loaded.

        Raises:
            UserError: they are missing on this machine.
        """
        return cls(spec, load(spec.data, spec.test_fraction, spec.seed))

    def block(self, index: int) -> Float:
        """Return one block of fidelities |<a|b>|^2, exact or estimated from shots.

        The result depends bitwise on the spec and the index only. Known values are not measured: the diagonal
        is 1, and a symmetric block mirrors its upper triangle.

        Args:
            index: position in `blocks`.

        Returns:
            Shape (row samples, column samples), values in [0, 1].
        """
        block = self.blocks[index]
        values = fidelities(self._tile(block.row), self._tile(block.column))
        if self.shots is not None and block.row.test:
            x = self.model.bandwidth * self.dataset.x_test[block.row.samples]
            values = sampled_rows(values, x, self.shots, self.seed, block.column.start)
        elif self.shots is not None:
            values = sampled(values, self.shots, self.seed, index)
        return _symmetric(values) if block.row == block.column else values

    def all_blocks(self) -> Iterator[Float]:
        """Yield all blocks in order."""
        return (self.block(index) for index in range(len(self.blocks)))

    def assemble(self, values: Sequence[Float]) -> tuple[Float, Float]:
        """Assemble train x train and test x train from all blocks in order."""
        n_train, n_test = len(self.dataset.x_train), len(self.dataset.x_test)
        train, test = np.empty((n_train, n_train)), np.empty((n_test, n_train))
        for block, part in zip(self.blocks, values, strict=True):
            rows, columns = block.row.samples, block.column.samples
            if block.row.test:
                test[rows, columns] = part
            else:
                train[rows, columns] = part
                train[columns, rows] = part.T
        return train, test

    def _tile(self, tile: Tile) -> Complex:
        if tile not in self._states:
            if len(self._states) >= self._room:
                del self._states[next(iter(self._states))]
            x = self.dataset.x_test if tile.test else self.dataset.x_train
            self._states[tile] = self.map.states(self.model.bandwidth * x[tile.samples])
        return self._states[tile]


def fidelities(a: Complex, b: Complex) -> Float:
    """Return |<a_i|b_j>|^2 for rows of states, shapes (i, d) and (j, d) to (i, j), clipped to [0, 1]."""
    overlaps = a.conj() @ b.T
    return np.minimum(overlaps.real**2 + overlaps.imag**2, 1.0)


def sampled(values: Float, shots: int, seed: int, index: int) -> Float:
    """Estimate each fidelity as the fraction of `shots` runs of the overlap circuit that end in |0...0>.

    Source: Havlicek et al. 2019, figure 4 (compute-uncompute).
    """
    stream = np.random.SeedSequence(seed, spawn_key=(_SHOTS, index))
    return np.random.Generator(np.random.PCG64(stream)).binomial(shots, values) / shots


def sampled_rows(values: Float, angles: Float, shots: int, seed: int, start: int) -> Float:
    """Estimate fidelities of new samples; the random stream depends on a row's angles, not on its position.

    Args:
        values: fidelities with consecutive training samples, shape (rows, columns).
        angles: angles of the rows, shape (rows, features).
        shots: runs per value.
        seed: seed of the job.
        start: index of the first training sample.
    """
    drawn = np.empty_like(values)
    for row, exact, angle in zip(drawn, values, angles, strict=True):
        digest = hashlib.blake2b(angle.astype("<f8").tobytes(), digest_size=16).digest()
        words = np.frombuffer(digest, dtype="<u4").tolist()
        stream = np.random.SeedSequence(seed, spawn_key=(_NEW, start, *words))
        row[:] = np.random.Generator(np.random.PCG64(stream)).binomial(shots, exact) / shots
    return drawn


def listed(train: Float, test: Float) -> dict[str, list[list[float]] | None]:
    """Return both matrices as nested lists; None if they have more entries than a result lists."""
    few = train.size + test.size <= LISTED
    return {"train": train.tolist() if few else None, "test": test.tolist() if few else None}


def statistics(train: Float) -> dict[str, float]:
    """Return the spread of the off-diagonal values, and the smallest eigenvalue.

    A mean near 0 with hardly any spread indicates that the kernel has concentrated and cannot learn.

    Source: Thanasilp et al., Nature Communications 15, 5200 (2024).
    """
    off = train[np.triu_indices(len(train), 1)]
    return {
        "mean": float(off.mean()),
        "deviation": float(off.std()),
        "min": float(np.min(off)),
        "max": float(np.max(off)),
        "least_eigenvalue": float(np.linalg.eigvalsh(train)[0]),
    }


class Encoded(TypedDict):
    """A block as JSON: its bytes, little-endian, in base64."""

    shape: list[int]
    float64: str


def encode(values: Float) -> Encoded:
    """Return a block as JSON: half the size of decimal digits, and exact."""
    data = base64.b64encode(values.astype("<f8").tobytes()).decode("ascii")
    return {"shape": list(values.shape), "float64": data}


def decode(doc: Encoded) -> Float:
    """Return the array, the inverse of `encode`."""
    flat = np.frombuffer(base64.b64decode(doc["float64"]), dtype="<f8")
    return flat.reshape(doc["shape"]).astype(np.float64)


def _symmetric(values: Float) -> Float:
    upper = np.triu(values, 1)
    return upper + upper.T + np.eye(len(values))
