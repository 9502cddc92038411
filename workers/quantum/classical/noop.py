"""A function that does nothing, for measuring overhead."""

from collections.abc import Callable

from novacron.json_types import JsonObject


def run(arguments: JsonObject, seed: int, checkpoint: Callable[[], None]) -> None:
    """Do nothing."""
