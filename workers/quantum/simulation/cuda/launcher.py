"""Kernels of one precision on one device."""

from __future__ import annotations

from collections.abc import Sequence

from workers.quantum.simulation.cuda import source
from workers.quantum.simulation.cuda.device import Buffer, Device
from workers.quantum.simulation.cuda.source import REALS, Precision
from workers.quantum.simulation.cuda.tiling import WARP

Arguments = Sequence[Buffer | int | None]


class Launcher:
    """Launches kernels with a fixed number of threads per block.

    Args:
        device: The device.
        precision: Precision of the amplitudes.
        threads: Threads per block.
    """

    def __init__(self, device: Device, precision: Precision, threads: int) -> None:
        self.device = device
        self.threads = threads
        self._precision = precision

    def __call__(self, kernel: str, grid: tuple[int, int], arguments: Arguments) -> None:
        """Queue one of `source.KERNELS`.

        Args:
            kernel: Its name.
            grid: Blocks of one state, and states.
            arguments: The kernel's arguments.
        """
        self._launch(f"{kernel}<{REALS[self._precision]}>", grid, arguments, 0)

    def step(
        self, kernel: str, back: bool, grid: tuple[int, int], arguments: Arguments, shared_bytes: int = 0
    ) -> None:
        """Queue one of `source.STEPPING`, forward or backward, with at least this much shared memory."""
        self._launch(source.stepping_name(kernel, self._precision, back), grid, arguments, shared_bytes)

    def total(self, partials: Buffer, totals: Buffer, blocks: int, rows: int, first: int = 0) -> None:
        """Queue sums over rows of partial sums, one per block, into totals[first:]."""
        self._launch("sum_partials", (rows, 1), [partials, totals, blocks, first], 0)

    def _launch(self, name: str, grid: tuple[int, int], arguments: Arguments, shared_bytes: int) -> None:
        shared = max(shared_bytes, 3 * 8 * (self.threads // WARP))
        self.device.launch(name, self._precision, grid, self.threads, shared, arguments)
