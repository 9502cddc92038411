"""What requests under way hold: how many there are, and the bytes of their bodies, shared between tenants."""

from __future__ import annotations

from collections import Counter
from typing import Final

from starlette.types import Scope

from novacron.errors import TooBusy

BODIES_BYTES: Final = 256 << 20
"""Bytes of large bodies in memory at a time."""
_SCOPE: Final = "novacron.held"


class Shares:
    """A bounded amount of something, at most half of it for one tenant.

    Args:
        most: there is.
        what: it is, for those who are refused.
    """

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._taken: Counter[int] = Counter()
        self._total = 0

    def take(self, tenant_id: int, amount: int) -> None:
        """Take a part.

        Raises:
            TooBusy: there is not enough left, for this tenant or at all.
        """
        if 2 * (self._taken[tenant_id] + amount) > self._most or self._total + amount > self._most:
            raise TooBusy(f"too many {self._what} are under way; send fewer at a time")
        self._taken[tenant_id] += amount
        self._total += amount

    def give(self, tenant_id: int, amount: int) -> None:
        """Give a part back."""
        self._total -= amount
        self._taken[tenant_id] -= amount
        if not self._taken[tenant_id]:
            del self._taken[tenant_id]


class Held:
    """What one request holds until it has been answered."""

    def __init__(self, scope: Scope) -> None:
        self._parts: list[tuple[Shares, int, int]] = []
        scope[_SCOPE] = self

    def take(self, shares: Shares, tenant_id: int, amount: int = 1) -> None:
        """Take a part for this request.

        Raises:
            TooBusy: as `Shares.take`.
        """
        shares.take(tenant_id, amount)
        self._parts.append((shares, tenant_id, amount))

    def give_back(self) -> None:
        """Give everything back."""
        for shares, tenant_id, amount in self._parts:
            shares.give(tenant_id, amount)


def held(scope: Scope) -> Held:
    """What the request of an ASGI scope holds."""
    found: Held = scope[_SCOPE]
    return found
