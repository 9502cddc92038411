"""Allocation of the circuit's memory bits while a program is read."""

from collections.abc import Iterable
from typing import Final

from shared.circuits.limits import Limits, Refused

FIRST: Final = 1 << 20
"""Provisional number of the first memory bit while registers are still being declared."""


class Memory:
    """Allocates and recycles bits; free bits are 0 at run time.

    Attributes:
        size: Largest number of bits allocated at once.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free: list[int] = []
        self.size = 0

    def allocate(self, n_bits: int) -> tuple[int, ...]:
        """Allocate bits.

        Raises:
            Refused: The circuit would compute with more bits than allowed.
        """
        self._free.sort()
        reused, self._free = self._free[:n_bits], self._free[n_bits:]
        return (*reused, *self._grown(n_bits - len(reused)))

    def consecutive(self, n_bits: int) -> tuple[int, ...]:
        """Allocate bits with consecutive numbers.

        Raises:
            Refused: As for `allocate`.
        """
        free = sorted(self._free)
        for first in range(len(free) - n_bits + 1):
            run = free[first : first + n_bits]
            if run[-1] - run[0] == n_bits - 1:
                self._free = free[:first] + free[first + n_bits :]
                return tuple(run)
        return tuple(self._grown(n_bits))

    def _grown(self, n_bits: int) -> range:
        first = FIRST + self.size
        self.size += n_bits
        if self.size > self._limits.memory_bits:
            most = self._limits.memory_bits
            raise Refused(
                f"the circuit computes with more than {most} bits while it runs",
                rule=f"at most {most} bits in variables that depend on measured bits",
                hint="declare narrower integers, such as uint[8]",
            )
        return range(first, FIRST + self.size)

    def release(self, bits: Iterable[int]) -> None:
        """Free bits that the circuit has set to 0."""
        self._free.extend(bits)
