"""`client.backends`: simulators and devices."""

from __future__ import annotations

from novacron._transport.flows import Flow, call
from novacron._transport.http import get, segment
from novacron.answers.answer import Listing
from novacron.answers.backend import Backend
from novacron.groups.group import AnyClient, Group, answered, operation


class Backends(Group[AnyClient]):
    """Simulators and devices."""

    @operation
    def list(self) -> Flow[Listing[Backend]]:
        """List the backends: name, queue, limits, availability with reason."""
        answer = yield from call(get("/api/quantum/backends"))
        return Listing(map(Backend, answer["backends"]))

    @operation
    def get(self, name: str) -> Flow[Backend]:
        """Return a backend or a device (`fake:manila`), with the figures of each qubit and gate."""
        return answered(Backend, call(get(f"/api/quantum/backends/{segment(name)}")))

    __call__ = list
