"""`client.audit`: the tenant's audit log."""

from __future__ import annotations

from contextlib import suppress

from novacron._transport.flows import Document, Flow, call
from novacron._transport.http import get, post
from novacron.answers.audit import AuditLog
from novacron.errors import Forbidden
from novacron.groups.group import AnyClient, Group, operation

AUDIT = "/api/crypto/audit"
PAGE = 1000


class Audit(Group[AnyClient]):
    """The audit log: who did what to which key, certificate, plan or token."""

    @operation
    def export(self) -> Flow[AuditLog]:
        """Return the whole audit log; `novacron.crypto.audit.verify` checks it.

        Its last entry is signed, unless the token has read access only.
        """
        with suppress(Forbidden):
            yield from call(post(f"{AUDIT}/sign", {}))
        log: Document = {"entries": [], "head": None}
        after: int | None = 0
        while after is not None:
            page = yield from call(get(AUDIT, {"after": after, "limit": PAGE}))
            log["entries"] += page["entries"]
            log["head"], after = page["head"], page["next"]
        return AuditLog(log)
