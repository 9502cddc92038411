"""A CUDA device made of this machine's C++ compiler: the kernels' own text, run block by block."""

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from workers.quantum.simulation.cuda import source

HEADER = Path(__file__).parent / "emulator.h"
FAULTS = ("", "not all threads of a block reached the same barrier", "a block wrote beyond its shared memory")
GUARD = 64
PRECISIONS: tuple[source.Precision, ...] = ("double", "single")


def compiler() -> str | None:
    return shutil.which("g++") or shutil.which("clang++")


def build(folder: Path) -> Path:
    """The kernels as a shared library."""
    text, library = folder / "kernels.cpp", folder / "kernels.so"
    names = dict.fromkeys(name for precision in PRECISIONS for name in source.expressions(precision))
    signature = "unsigned x, unsigned y, unsigned threads, size_t shared, void** arguments"
    entries = [
        f'extern "C" int launch_{number}({signature}) {{'
        f" return emulator::launch(&{name}, x, y, threads, shared, arguments); }}"
        for number, name in enumerate(names)
    ]
    text.write_text("\n".join([f'#include "{HEADER}"', source.text(), *entries]))
    command = [str(compiler()), "-std=c++17", "-O1", "-fPIC", "-shared", "-w", str(text), "-o", str(library)]
    subprocess.run(command, check=True)
    return library


class Buffer:
    """An array between guards that nobody may write to; all starts as bytes 0xff (NaN in floats)."""

    def __init__(self, length: int, dtype: Any) -> None:
        self._bytes = np.full(2 * GUARD + length * np.dtype(dtype).itemsize, 0xFF, dtype=np.uint8)
        self.values = self._bytes[GUARD : len(self._bytes) - GUARD].view(dtype)

    @property
    def intact(self) -> bool:
        return bool((self._bytes[:GUARD] == 0xFF).all() and (self._bytes[-GUARD:] == 0xFF).all())


class EmulatedDevice:
    """See `workers.quantum.simulation.cuda.device.Device`."""

    name = "emulated"
    shared_bytes = 100 << 10

    def __init__(self, library: Path) -> None:
        self.library = library
        kernels = ctypes.CDLL(str(library))
        names = dict.fromkeys(name for precision in PRECISIONS for name in source.expressions(precision))
        self._entries = {name: kernels[f"launch_{number}"] for number, name in enumerate(names)}
        self.launched: list[str] = []
        self.ever_launched: set[str] = set()

    def free_bytes(self) -> int:
        return 1 << 28

    def upload(self, values: Any) -> Buffer:
        assert values.ndim == 1 and len(values)
        buffer = Buffer(len(values), values.dtype)
        buffer.values[:] = values
        return buffer

    def refill(self, buffer: Buffer, values: Any) -> None:
        assert buffer.values.dtype == values.dtype
        buffer.values[: len(values)] = values

    def empty(self, length: int, dtype: Any) -> Buffer:
        return Buffer(length, dtype)

    def download(self, buffer: Buffer, length: int) -> Any:
        return buffer.values[:length].copy()

    def launch(
        self,
        kernel: str,
        precision: source.Precision,
        grid: tuple[int, int],
        threads: int,
        shared_bytes: int,
        arguments: Any,
    ) -> None:
        assert kernel in source.expressions(precision)
        assert threads % 32 == 0 and shared_bytes <= self.shared_bytes and 0 < grid[1] < 1 << 16
        self.launched.append(kernel)
        self.ever_launched.add(kernel)
        cells = [ctypes.c_int64(self._address(argument)) for argument in arguments]
        table = (ctypes.c_void_p * len(cells))(*(ctypes.addressof(cell) for cell in cells))
        fault = self._entries[kernel](*grid, threads, ctypes.c_size_t(shared_bytes), table)
        assert not fault, f"{kernel}: {FAULTS[fault]}"
        for argument in arguments:
            assert not isinstance(argument, Buffer) or argument.intact, f"{kernel} wrote beyond a buffer"

    def _address(self, argument: Any) -> int:
        if isinstance(argument, Buffer):
            return int(argument.values.ctypes.data)
        return 0 if argument is None else argument
