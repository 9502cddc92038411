"""`client.backends`: simulators and devices."""

from __future__ import annotations

from novacron._transport.flows import Flow, call
from novacron._transport.http import get
from novacron.answers.answer import Listing
from novacron.answers.backend import Backend
from novacron.groups.group import AnyClient, Group, operation


class Backends(Group[AnyClient]):
    """Simulators and devices."""

    @operation
    def list(self) -> Flow[Listing[Backend]]:
        """List the backends: name, queue, limits, availability with reason."""
        answer = yield from call(get("/api/quantum/backends"))
        return Listing(map(Backend, answer["backends"]))

    __call__ = list
