"""The circuit's memory while a program is read: which bits hold what the circuit computes with."""

from collections.abc import Iterable
from typing import Final

from shared.circuits.limits import Limits, Refused

FIRST: Final = 1 << 20
"""Number of the first bit while the registers before it are still being declared."""


class Memory:
    """Hands out bits, and takes them back for others to use; those not handed out are 0 as the circuit runs.

    Attributes:
        size: How many bits are used at most at once.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free: list[int] = []
        self.size = 0

    def allocate(self, n_bits: int) -> tuple[int, ...]:
        """Hand out bits.

        Raises:
            Refused: The circuit would compute with more bits than allowed.
        """
        self._free.sort()
        reused, self._free = self._free[:n_bits], self._free[n_bits:]
        return (*reused, *self._grown(n_bits - len(reused)))

    def consecutive(self, n_bits: int) -> tuple[int, ...]:
        """Hand out bits numbered one after the other.

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
        """Take bits back, which the circuit has set to 0."""
        self._free.extend(bits)
