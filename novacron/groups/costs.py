"""`client.costs`: use of providers' devices, by job or tenant."""

from __future__ import annotations

from novacron._transport import http
from novacron._transport.flows import JOBS, Flow, call
from novacron.answers.cost import Cost
from novacron.groups.group import AnyClient, Group, answered, operation

COSTS = "/api/quantum/costs"


class Costs(Group[AnyClient]):
    """Use of providers' devices."""

    @operation
    def of(self, job_id: str) -> Flow[Cost]:
        """Return what a job has used of devices, or reserved.

        Raises:
            NotFound: there is no such job.
        """
        return answered(Cost, call(http.get(f"{JOBS}/{http.segment(job_id)}/cost")))

    @operation
    def total(self, *, tenant: str | None = None, since: str | None = None) -> Flow[Cost]:
        """Return what a tenant has used of devices, or reserved.

        Args:
            tenant: another tenant than one's own; for operators.
            since: ISO 8601 date or time, UTC by default; None counts everything.

        Raises:
            Forbidden: another tenant's costs need the role operator.
            NotFound: there is no such tenant.
        """
        asked = {"tenant": tenant, "since": since}
        query = {name: value for name, value in asked.items() if value is not None}
        return answered(Cost, call(http.get(COSTS, query)))
