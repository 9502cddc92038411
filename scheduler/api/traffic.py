"""Admission control: concurrent requests and bytes of their bodies, shared between tenants."""

from __future__ import annotations

from collections import Counter
from typing import Final

from starlette.types import Scope

from novacron.errors import TooBusy

BODIES_BYTES: Final = 256 << 20
"""Limit on the bytes of large bodies in memory."""
_SCOPE: Final = "novacron.held"


class Shares:
    """A bounded amount of a resource, of which one tenant may hold at most half.

    Args:
        most: the total amount.
        what: name of the resource, for error messages.
    """

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._taken: Counter[int] = Counter()
        self._total = 0

    def take(self, tenant_id: int, amount: int) -> None:
        """Reserve an amount.

        Raises:
            TooBusy: too little is left, for this tenant or in total.
        """
        if 2 * (self._taken[tenant_id] + amount) > self._most or self._total + amount > self._most:
            raise TooBusy(f"too many {self._what} are in progress; send fewer at a time")
        self._taken[tenant_id] += amount
        self._total += amount

    def give(self, tenant_id: int, amount: int) -> None:
        """Release an amount."""
        self._total -= amount
        self._taken[tenant_id] -= amount
        if not self._taken[tenant_id]:
            del self._taken[tenant_id]


class Held:
    """Reservations of one request, held until it is answered."""

    def __init__(self, scope: Scope) -> None:
        self._parts: list[tuple[Shares, int, int]] = []
        scope[_SCOPE] = self

    def take(self, shares: Shares, tenant_id: int, amount: int = 1) -> None:
        """Reserve an amount for this request.

        Raises:
            TooBusy: as `Shares.take`.
        """
        shares.take(tenant_id, amount)
        self._parts.append((shares, tenant_id, amount))

    def give_back(self) -> None:
        """Release all reservations."""
        for shares, tenant_id, amount in self._parts:
            shares.give(tenant_id, amount)


def held(scope: Scope) -> Held:
    """Return the reservations of an ASGI scope's request."""
    found: Held = scope[_SCOPE]
    return found
