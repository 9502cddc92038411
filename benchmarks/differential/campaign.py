"""One chunk of the campaign, in a module that spawned processes can import."""

from __future__ import annotations

from collections.abc import Iterable

from testing.random_circuits.compare import differences
from testing.random_circuits.generate import case

SAMPLED_EVERY = 4


def checked(seeds: Iterable[int]) -> dict[int, list[str]]:
    """Return the differences of some cases, by seed; cases that agree are omitted."""
    found = {seed: differences(case(seed), seed, sampled=seed % SAMPLED_EVERY == 0) for seed in seeds}
    return {seed: lines for seed, lines in found.items() if lines}
