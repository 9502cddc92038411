"""`client.workers`: workers and queues."""

from __future__ import annotations

from novacron._transport.flows import Flow, call
from novacron._transport.http import get
from novacron.answers import worker
from novacron.groups.group import AnyClient, Group, answered, operation


class Workers(Group[AnyClient]):
    """Workers and queues."""

    @operation
    def list(self) -> Flow[worker.Workers]:
        """Return the ``workers`` and the ``queues``."""
        return answered(worker.Workers, call(get("/api/workers")))

    __call__ = list
