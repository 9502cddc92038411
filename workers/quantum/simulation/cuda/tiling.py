"""Size of the part of a state that one block of threads holds in shared memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workers.quantum.simulation.cuda.rows import MIXER_BITS

WARP = 32
THREADS = 256
MAX_BLOCKS = 4096
# Consecutive amplitudes that move together: 16 of them fill two or four memory sectors.
LOW_BITS = 4
# A tile of 64 KiB and its offsets: three such blocks share a multiprocessor. More is useful only if one tile
# then holds the whole state.
SHARED_BYTES = 72 << 10


@dataclass(frozen=True)
class Tiling:
    """Tiles of 2^bits amplitudes whose lowest `low` bits are the lowest of the basis index.

    Attributes:
        n_qubits: Qubits of the state.
        bits: Bits of a tile.
        low: Lowest index bits, part of every tile.
        threads: Threads of a block, a multiple of 32.
        max_blocks: Maximum number of blocks of a launch for one state.
    """

    n_qubits: int
    bits: int
    low: int
    threads: int = THREADS
    max_blocks: int = MAX_BLOCKS

    @classmethod
    def fitting(cls, n_qubits: int, shared_bytes: int, tile_bytes: int) -> Tiling:
        """Return the tiling for blocks with this much shared memory.

        Args:
            n_qubits: Qubits of the state.
            shared_bytes: Maximum shared memory of a block in bytes.
            tile_bytes: Bytes per amplitude of a tile.
        """
        whole = cls(n_qubits, n_qubits, n_qubits)
        if whole.shared_bytes(tile_bytes) <= shared_bytes:
            return whole
        bits = n_qubits
        while cls(n_qubits, bits, LOW_BITS).shared_bytes(tile_bytes) > min(shared_bytes, SHARED_BYTES):
            bits -= 1
        return cls(n_qubits, bits, LOW_BITS)

    def shared_bytes(self, tile_bytes: int) -> int:
        """Return the shared memory of a block: the tile, the warps' sums and the offsets of its parts."""
        return (tile_bytes << self.bits) + 3 * 8 * (self.threads // WARP) + (8 << (self.bits - self.low))

    @property
    def blocks(self) -> int:
        """Number of blocks of a launch over all tiles of one state."""
        return min(1 << (self.n_qubits - self.bits), self.max_blocks)

    @property
    def wide_blocks(self) -> int:
        """Number of blocks of a launch over all amplitudes of one state."""
        return min(-(-(1 << self.n_qubits) // self.threads), self.max_blocks)

    def holds(self, couples: int) -> bool:
        """Return whether one tile can hold all these bits."""
        return (couples >> self.low).bit_count() <= self.bits - self.low

    def layout(self, couples: int) -> tuple[int, ...] | None:
        """Return the bits from `low` up of a tile with all these, ascending; None if there are too many."""
        if not self.holds(couples):
            return None
        bits = range(self.low, self.n_qubits)
        wanted = [bit for bit in bits if couples >> bit & 1]
        spare = [bit for bit in bits if not couples >> bit & 1]
        return tuple(sorted(wanted + spare[: self.bits - self.low - len(wanted)]))

    def mixers(self, n_qubits: int) -> Iterator[tuple[int, ...]]:
        """Yield bits in groups of at most three, so that every tile mixes as many of them as it holds."""
        first, size = 0, self.bits
        while first < n_qubits:
            last = min(first + size, n_qubits)
            for bit in range(first, last, MIXER_BITS):
                yield tuple(range(bit, min(bit + MIXER_BITS, last)))
            first, size = last, max(self.bits - self.low, 1)
