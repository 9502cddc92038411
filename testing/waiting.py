"""A provider's backend, wrapped to wait for results."""

from __future__ import annotations

import time
from collections.abc import Sequence

from workers.quantum.backends.base import ALONE, Backend, Control, Plan, Queued, Share
from workers.quantum.backends.batch import Batch, Result

AGAIN_S = 0.1
"""Seconds until the next poll of a provider that leaves it to the caller."""


class Waiting:
    """A backend whose work is done when `run` returns, however long a provider takes.

    Args:
        backend: a backend that submits work to a provider.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.name = backend.name
        self.find, self.cancel, self.close = backend.find, backend.cancel, backend.close
        self.quote, self.charge = backend.quote, backend.charge

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`."""
        return self._backend.prepare(batch)

    def run(self, plan: Plan, units: range | None = None, control: Control = ALONE) -> Share:
        """Poll until the share is available; return it."""
        share = self._backend.run(plan, units, control)
        while isinstance(share, Queued):
            time.sleep(share.retry_after_s or AGAIN_S)
            share = self._backend.poll(plan, share, control)
        return share

    def merge(self, plan: Plan, shares: Sequence[Share], control: Control = ALONE) -> Result:
        """See `workers.quantum.backends.base.Backend`."""
        return self._backend.merge(plan, shares, control)

    def poll(self, plan: Plan, queued: Queued, control: Control = ALONE) -> Share | Queued:
        """See `workers.quantum.backends.base.Backend`."""
        return self._backend.poll(plan, queued, control)
