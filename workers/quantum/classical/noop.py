"""Nothing, for measuring everything else."""

from collections.abc import Callable, Mapping
from typing import Any


def run(arguments: Mapping[str, Any], seed: int, checkpoint: Callable[[], None]) -> None:
    """Do nothing."""
