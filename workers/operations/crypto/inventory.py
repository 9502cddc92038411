"""Inventories of cryptography in use, and of what a quantum computer breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain

from novacron.errors import BadInput
from novacron.migration import Asset, Inventory, InventoryError
from novacron.migration.asset import MAX_ASSETS
from novacron.specs.crypto.inventory import MakeInventory
from shared import ulid
from shared.crypto import roots
from shared.crypto.found import Found, unread
from shared.crypto.reach import Reach, parse
from shared.db import tenants
from shared.db.crypto import audit
from shared.settings import load
from workers.crypto.inventory import files, folders, installation, keystore, sightings, tls
from workers.crypto.migration import coverage, server, targets
from workers.crypto.migration.served import Served
from workers.crypto.migration.targets import Target
from workers.runtime.context import Context
from workers.runtime.outcome import Done

SERVERS = ("tls_endpoint", "database_tls", "redis_tls")
STORE, STACK = "key store", "installation"
"""Names of the key store and of the installation's own connections among the targets."""


def inventory(context: Context[MakeInventory]) -> Done:
    """Examine all requested targets; those that cannot be examined are listed as errors."""
    declared, wrong = _declared(context)
    look = _Look(context, declared)
    made = coverage.annotated(sightings.joined(_made(_targets(context), chain(look, wrong))), declared)
    made = made.model_copy(update={"looked_at": look.looked_at})
    facts = {"targets": len(made.targets), "assets": len(made.assets), "errors": len(made.errors)}
    origin = context.origin
    connection = origin.database()
    with connection.transaction():
        audit.append(
            connection, origin.tenant_id, origin.submitted_by, "inventory.made", made.inventory_id, facts
        )
    return Done({"operation": "inventory", "inventory": made.model_dump(mode="json")})


def _targets(context: Context[MakeInventory]) -> tuple[str, ...]:
    spec = context.spec
    own = [name for name, wanted in ((STORE, spec.store), (STACK, spec.stack)) if wanted]
    return (*spec.paths, *spec.endpoints, *own)


def _declared(context: Context[MakeInventory]) -> tuple[Mapping[str, Target], list[InventoryError]]:
    """Return the tenant's declared targets; an invalid declaration file does not stop the inventory."""
    try:
        return targets.declared(context), []
    except BadInput as error:
        return {}, [unread(load().targets_file, str(error))]


class _Look:
    """One run of the inventory.

    Attributes:
        looked_at: number of files, servers and stores examined so far.
    """

    def __init__(self, context: Context[MakeInventory], declared: Mapping[str, Target]) -> None:
        self._context, self._declared = context, declared
        self.looked_at = 0

    def __iter__(self) -> Iterator[Found | InventoryError]:
        context = self._context
        spec, settings, origin = context.spec, load(), context.origin
        who = tenants.standing(origin.database(), origin.job_id)
        granted = ":".join(roots.granted(settings.inventory_roots, who))
        search = files.Search(folders.Roots(granted), context.checkpoint)
        yield from search(spec.paths)
        self.looked_at += search.looked_at
        endpoints = _endpoints(spec.endpoints, self._declared)
        reach = Reach(parse(settings.probe_allow), server.addresses(self._declared.values()))
        yield from self._counted(tls.search(endpoints, context.checkpoint, reach))
        if spec.store:
            yield from keystore.search(origin.database(), origin.tenant_id)
            self.looked_at += 1
        if spec.stack:
            yield from self._counted(installation.search(origin.database(), settings))

    def _counted(self, found: Iterable[Found | InventoryError]) -> Iterator[Found | InventoryError]:
        for one in found:
            self.looked_at += isinstance(one, Found) and one.kind in SERVERS
            yield one


def _endpoints(asked: Sequence[str], declared: Mapping[str, Target]) -> list[str]:
    """Return the endpoints, using the names of declared targets for their addresses."""
    named = {
        f"{one.asked_name}@{one.probe}"
        for one in declared.values()
        if isinstance(one, Served) and one.asked_name and one.probe in asked and one.protocol == "tls"
    }
    return [*asked, *sorted(named - {*asked})]


def _made(asked: tuple[str, ...], found: Iterable[Found | InventoryError]) -> Inventory:
    """Return the inventory; duplicates in one place are merged, and errors do not displace assets."""
    now = datetime.now(UTC)
    assets: dict[str, Asset] = {}
    errors: list[InventoryError] = []
    beyond = [0, 0]
    for one in found:
        made = _asset(one, now)
        if isinstance(made, InventoryError):
            if len(errors) < MAX_ASSETS - len(beyond):
                errors.append(made)
            else:
                beyond[0] += 1
        elif len(assets) < MAX_ASSETS or made.asset_id in assets:
            assets[made.asset_id] = made
        else:
            beyond[1] += 1
    errors += _rest(*beyond)
    return Inventory(
        inventory_id=ulid.new("inv_"), created_at=now, targets=asked,
        assets=tuple(assets.values()), errors=tuple(errors),
    )  # fmt: skip


def _rest(errors: int, assets: int) -> Iterator[InventoryError]:
    """Yield the numbers of omitted errors and assets."""
    if assets:
        yield unread("inventory", f"{assets:,} more assets are not listed: look at it in several parts")
    if errors:
        yield unread("inventory", f"{errors:,} more errors are not listed: look at it in several parts")


def _asset(one: Found | InventoryError, now: datetime) -> Asset | InventoryError:
    if isinstance(one, InventoryError):
        return one
    try:
        return one.asset(now)
    except BadInput as error:
        return unread(one.location, f"{error.field} is beyond what an inventory holds")
