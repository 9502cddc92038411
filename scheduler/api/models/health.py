"""Liveness of the scheduler."""

from __future__ import annotations

from typing import Literal

from scheduler.api.models.model import Model


class Health(Model):
    """Liveness: the process answers.

    Attributes:
        status: `ok`.
        version: version of the scheduler.
    """

    status: Literal["ok"]
    version: str
