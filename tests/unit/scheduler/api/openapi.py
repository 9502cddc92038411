"""The application's own description, made once a process and by a test: importing this costs nothing."""

from functools import cache
from typing import Any

from scheduler.api.app import create
from shared.settings import Settings


@cache
def document() -> dict[str, Any]:
    """What `/openapi.json` answers."""
    return create(Settings()).openapi()
