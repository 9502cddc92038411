"""`client.tenants`: who shares the installation; for operators."""

from __future__ import annotations

from novacron._transport.flows import Flow, call, idempotency_key
from novacron._transport.http import post
from novacron.answers.answer import Listing
from novacron.answers.token import Tenant, TenantWeight
from novacron.groups.group import AnyClient, Group, answered, operation, rows

TENANTS = "/api/tenants"


class Tenants(Group[AnyClient]):
    """Tenants and their shares; for operators."""

    @operation
    def set(self, tenant: str, weight: float = 1.0) -> Flow[TenantWeight]:
        """Create a tenant, or change its share of worker time.

        Raises:
            Forbidden: the token has not the role operator.
        """
        wanted = {"tenant": tenant, "weight": weight}
        return answered(TenantWeight, call(post(TENANTS, wanted, idempotency_key())))

    @operation
    def list(self, *, limit: int = 50) -> Flow[Listing[Tenant]]:
        """List the tenants by name: weight, active tokens, unfinished jobs."""
        return rows(Tenant, TENANTS, "tenants", limit)

    __call__ = list
