"""Pages of listings: some rows, and the cursor of the next page."""

from __future__ import annotations

from novacron.answers.audit import AuditEntry, AuditHead
from novacron.answers.backend import Backend
from novacron.answers.certificate import Certificate
from novacron.answers.key import Key
from novacron.answers.plan import ListedPlan
from novacron.answers.token import Tenant, Token
from scheduler.api.models.model import Model


class Page(Model):
    """A page of a listing.

    Attributes:
        next: `after` of the next page; null on the last.
    """

    next: str | None


class KeyPage(Page):
    """A page of keys, newest first.

    Attributes:
        keys: keys of this page.
    """

    keys: list[Key]


class CertificatePage(Page):
    """A page of certificates, newest first, without their chains.

    Attributes:
        certificates: certificates of this page.
    """

    certificates: list[Certificate]


class PlanPage(Page):
    """A page of migration plans, newest first, without their steps.

    Attributes:
        plans: plans of this page.
    """

    plans: list[ListedPlan]


class TokenPage(Page):
    """A page of tokens, newest first.

    Attributes:
        tokens: tokens of this page.
    """

    tokens: list[Token]


class TenantPage(Page):
    """A page of tenants, sorted by name.

    Attributes:
        tenants: tenants of this page.
    """

    tenants: list[Tenant]


class AuditPage(Model):
    """A page of audit log entries, oldest first.

    Attributes:
        entries: entries of this page.
        head: newest signature; null if nothing is signed.
        next: `after` of the next page; null on the last.
    """

    entries: list[AuditEntry]
    head: AuditHead | None
    next: int | None


class SignedHead(Model):
    """The newest signature over the audit log.

    Attributes:
        head: null if the log is empty.
    """

    head: AuditHead | None


class Backends(Model):
    """All backends.

    Attributes:
        backends: available or not.
    """

    backends: list[Backend]
