"""Pages of listings: some rows, and where the page that follows begins."""

from __future__ import annotations

from novacron.answers.audit import AuditEntry, AuditHead
from novacron.answers.backend import Backend
from novacron.answers.certificate import Certificate
from novacron.answers.key import Key
from novacron.answers.plan import ListedPlan
from novacron.answers.token import Tenant, Token
from scheduler.api.models.model import Model


class Page(Model):
    """Some rows of a listing.

    Attributes:
        next: `after` of the page that follows; null on the last.
    """

    next: str | None


class KeyPage(Page):
    """Some keys, newest first.

    Attributes:
        keys: of this page.
    """

    keys: list[Key]


class CertificatePage(Page):
    """Some certificates, newest first, without their chains.

    Attributes:
        certificates: of this page.
    """

    certificates: list[Certificate]


class PlanPage(Page):
    """Some migration plans, newest first, without their steps.

    Attributes:
        plans: of this page.
    """

    plans: list[ListedPlan]


class TokenPage(Page):
    """Some tokens, newest first.

    Attributes:
        tokens: of this page.
    """

    tokens: list[Token]


class TenantPage(Page):
    """Some tenants by name.

    Attributes:
        tenants: of this page.
    """

    tenants: list[Tenant]


class AuditPage(Model):
    """Some entries of the audit log, oldest first.

    Attributes:
        entries: of this page.
        head: newest signature; null where nothing is signed.
        next: `after` of the page that follows; null on the last.
    """

    entries: list[AuditEntry]
    head: AuditHead | None
    next: int | None


class SignedHead(Model):
    """The newest signature over the audit log.

    Attributes:
        head: null where there is no entry.
    """

    head: AuditHead | None


class Backends(Model):
    """All backends.

    Attributes:
        backends: available or not.
    """

    backends: list[Backend]
