"""The CUDA device, through CuPy, which is imported only here, when a device is opened.

A process that has opened a device must not be forked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from workers.quantum.simulation.cuda import source
from workers.quantum.simulation.cuda.source import Precision
from workers.runtime.outcome import ResourceExhaustedError

Buffer: TypeAlias = Any
STATIC_SHARED_BYTES = 48 << 10


class NoDeviceError(Exception):
    """CuPy finds no CUDA device: the reason, and what to do."""


class DeviceMemoryError(ResourceExhaustedError):
    """The device ran out of memory although the plan fitted, since another process allocated some."""


class Device(Protocol):
    """Memory and kernels of a device; kernels run in launch order.

    Attributes:
        name: Name of the device.
        shared_bytes: Maximum shared memory of a block in bytes.
    """

    name: str
    shared_bytes: int

    def free_bytes(self) -> int:
        """Return the memory available now in bytes."""
        ...

    def upload(self, values: NDArray[Any]) -> Buffer:
        """Upload a copy of an array; never of length 0."""
        ...

    def refill(self, buffer: Buffer, values: NDArray[Any]) -> None:
        """Overwrite the start of a buffer."""
        ...

    def empty(self, length: int, dtype: DTypeLike) -> Buffer:
        """Allocate an array."""
        ...

    def download(self, buffer: Buffer, length: int) -> NDArray[Any]:
        """Return a host copy of the first entries of a buffer."""
        ...

    def launch(
        self,
        kernel: str,
        precision: Precision,
        grid: tuple[int, int],
        threads: int,
        shared_bytes: int,
        arguments: Sequence[Buffer | int | None],
    ) -> None:
        """Queue a kernel.

        Args:
            kernel: One of `source.expressions(precision)`.
            precision: Precision of its module.
            grid: Blocks along x and y.
            threads: Threads of a block.
            shared_bytes: Shared memory of a block.
            arguments: Buffers, integers (64 bits), None for a null pointer.
        """
        ...


class CupyDevice:
    """The current CUDA device; see `Device`.

    Raises:
        NoDeviceError: CuPy is not installed, or finds no device.
    """

    def __init__(self) -> None:
        self._cupy = _cupy()
        properties = self._cupy.cuda.runtime.getDeviceProperties(self._cupy.cuda.Device().id)
        self.name = properties["name"].decode()
        self.shared_bytes = int(properties["sharedMemPerBlockOptin"])
        self._modules: dict[Precision, Any] = {}
        self._functions: dict[tuple[str, Precision], Any] = {}

    def free_bytes(self) -> int:
        """Return the memory available now in bytes, including CuPy's pool."""
        free: int = self._cupy.cuda.runtime.memGetInfo()[0]
        return free + int(self._cupy.get_default_memory_pool().free_bytes())

    def upload(self, values: NDArray[Any]) -> Buffer:
        """Upload a copy of an array."""
        buffer = self.empty(len(values), values.dtype)
        buffer.set(np.ascontiguousarray(values))
        return buffer

    def refill(self, buffer: Buffer, values: NDArray[Any]) -> None:
        """Overwrite the start of a buffer."""
        buffer[: len(values)].set(np.ascontiguousarray(values))

    def empty(self, length: int, dtype: DTypeLike) -> Buffer:
        """Allocate an array.

        Raises:
            DeviceMemoryError: Out of device memory.
        """
        try:
            return self._cupy.empty(length, dtype=dtype)
        except self._cupy.cuda.memory.OutOfMemoryError as error:
            wanted = length * np.dtype(dtype).itemsize
            raise DeviceMemoryError(
                f"{self.name} could not give {wanted:,} bytes: {error}; another process uses the device"
            ) from None

    def download(self, buffer: Buffer, length: int) -> NDArray[Any]:
        """Return a host copy of the first entries of a buffer; waits for pending kernels."""
        return np.asarray(self._cupy.asnumpy(buffer[:length]))

    def launch(
        self,
        kernel: str,
        precision: Precision,
        grid: tuple[int, int],
        threads: int,
        shared_bytes: int,
        arguments: Sequence[Buffer | int | None],
    ) -> None:
        """Queue a kernel on the current stream."""
        function = self._function(kernel, precision)
        if shared_bytes > STATIC_SHARED_BYTES and function.max_dynamic_shared_size_bytes < shared_bytes:
            function.max_dynamic_shared_size_bytes = shared_bytes
        function((*grid, 1), (threads, 1, 1), tuple(map(_argument, arguments)), shared_mem=shared_bytes)

    def _function(self, kernel: str, precision: Precision) -> Any:
        key = kernel, precision
        if key not in self._functions:
            if precision not in self._modules:
                self._modules[precision] = self._cupy.RawModule(
                    code=source.text(),
                    options=("-std=c++17",),
                    name_expressions=source.expressions(precision),
                )
            self._functions[key] = self._modules[precision].get_function(kernel)
        return self._functions[key]


@cache
def open_device() -> CupyDevice:
    """Return the device of this process, opened once.

    Raises:
        NoDeviceError: CuPy is not installed, or finds no device.
    """
    return CupyDevice()


def _argument(value: Buffer | int | None) -> Buffer | np.int64:
    """Convert None to the null pointer, which is as long as an integer."""
    return np.int64(value or 0) if value is None or isinstance(value, int) else value


def _cupy() -> Any:
    try:
        cupy = import_module("cupy")
    except ImportError as error:
        raise NoDeviceError(
            f"CuPy cannot be imported ({error}); install it with: pip install -e '.[gpu]'"
        ) from None
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise NoDeviceError(
            f"CuPy sees no CUDA device ({error}); install or update NVIDIA's driver"
        ) from None
    if not count:
        raise NoDeviceError("CuPy sees no CUDA device; check CUDA_VISIBLE_DEVICES")
    return cupy
