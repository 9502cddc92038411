"""`Grouped`, the base class of both clients: their groups, and deprecated names of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from novacron.groups.group import AnyClient

if TYPE_CHECKING:
    from novacron.groups.audit import Audit
    from novacron.groups.backends import Backends
    from novacron.groups.certificates import Certificates
    from novacron.groups.costs import Costs
    from novacron.groups.envelopes import Envelopes
    from novacron.groups.keys import Keys
    from novacron.groups.migrations import Migrations
    from novacron.groups.sessions import Sessions
    from novacron.groups.tenants import Tenants
    from novacron.groups.tokens import Tokens
    from novacron.groups.workers import Workers

FORMER = {
    "rewrap_envelope": "envelopes.rewrap", "sign_digest": "envelopes.sign_digest",
    "sign_result": "envelopes.sign_result",
    "generate_key": "keys.generate", "import_key": "keys.import_", "key": "keys.get",
    "rotate_key": "keys.rotate", "retire_key": "keys.retire", "destroy_key": "keys.destroy",
    "generate_certificate": "certificates.generate", "certificate": "certificates.get",
    "sign_certificate_request": "certificates.sign_request", "crl": "certificates.crl",
    "revoke_certificate": "certificates.revoke", "renew_certificates": "certificates.renew",
    "audit_log": "audit.export",
    "make_inventory": "migrations.inventory", "convert_cbom": "migrations.convert",
    "assess_migration": "migrations.assess", "migration_policies": "migrations.policies",
    "plan_migration": "migrations.plan", "migration_plan": "migrations.get",
    "migration_plans": "migrations.list", "migration_status": "migrations.status",
    "execute_migration": "migrations.execute", "rollback_migration": "migrations.rollback",
    "watch_migration": "migrations.watch",
    "create_token": "tokens.create", "revoke_token": "tokens.revoke", "rotate_token": "tokens.rotate",
    "set_tenant": "tenants.set",
}  # fmt: skip
"""Deprecated name -> group and operation. Calling a group lists its objects, as in earlier versions."""


class Grouped:
    """A client whose operations are in groups; each group is imported on first use."""

    if not TYPE_CHECKING:  # type checkers must report deprecated names

        def __getattr__(self, name: str) -> Any:
            if name not in FORMER:
                raise AttributeError(f"{type(self).__name__} has no {name!r}", name=name, obj=self)
            group, _, operation = FORMER[name].partition(".")
            return getattr(getattr(self, group), operation)

    @property
    def keys(self: AnyClient) -> Keys[AnyClient]:
        """Keys in the store."""
        from novacron.groups.keys import Keys

        return Keys(self)

    @property
    def certificates(self: AnyClient) -> Certificates[AnyClient]:
        """Certificates: issue, renew, revoke."""
        from novacron.groups.certificates import Certificates

        return Certificates(self)

    @property
    def envelopes(self: AnyClient) -> Envelopes[AnyClient]:
        """Envelopes, hybrid signatures and signed results, with keys of the store."""
        from novacron.groups.envelopes import Envelopes

        return Envelopes(self)

    @property
    def migrations(self: AnyClient) -> Migrations[AnyClient]:
        """Inventories, assessments, plans and their execution."""
        from novacron.groups.migrations import Migrations

        return Migrations(self)

    @property
    def audit(self: AnyClient) -> Audit[AnyClient]:
        """The tenant's audit log."""
        from novacron.groups.audit import Audit

        return Audit(self)

    @property
    def backends(self: AnyClient) -> Backends[AnyClient]:
        """Simulators and devices."""
        from novacron.groups.backends import Backends

        return Backends(self)

    @property
    def costs(self: AnyClient) -> Costs[AnyClient]:
        """Use of providers' devices, and its price."""
        from novacron.groups.costs import Costs

        return Costs(self)

    @property
    def sessions(self: AnyClient) -> Sessions[AnyClient]:
        """Sessions of all programs."""
        from novacron.groups.sessions import Sessions

        return Sessions(self)

    @property
    def workers(self: AnyClient) -> Workers[AnyClient]:
        """Workers and queues."""
        from novacron.groups.workers import Workers

        return Workers(self)

    @property
    def tokens(self: AnyClient) -> Tokens[AnyClient]:
        """Tokens: create, list, replace and revoke."""
        from novacron.groups.tokens import Tokens

        return Tokens(self)

    @property
    def tenants(self: AnyClient) -> Tenants[AnyClient]:
        """Tenants and their shares; for operators."""
        from novacron.groups.tenants import Tenants

        return Tenants(self)
