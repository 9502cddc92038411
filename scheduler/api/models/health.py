"""Whether the scheduler lives."""

from __future__ import annotations

from typing import Literal

from scheduler.api.models.model import Model


class Health(Model):
    """The process answers.

    Attributes:
        status: `ok`.
        version: of the scheduler.
    """

    status: Literal["ok"]
    version: str
