"""Inventories: where cryptography is used, and which of it a quantum computer breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain

from novacron.errors import BadInput
from novacron.migration import Asset, Inventory, InventoryError
from novacron.migration.asset import MAX_ASSETS
from shared import ulid
from shared.db import audit
from shared.found import Found, unread
from shared.settings import load
from workers.context import Context
from workers.inventory import files, installation, keystore, sightings, tls
from workers.migration import coverage, targets
from workers.migration.served import Served
from workers.migration.targets import Target
from workers.outcome import Done

STORE, STACK = "key store", "installation"
"""What the key store and the installation's own connections are called among the targets."""


def inventory(context: Context) -> Done:
    """Look at everything that was asked for; what cannot be looked at is among the errors."""
    declared, wrong = _declared()
    found = chain(_found(context, declared), wrong)
    made = coverage.annotated(sightings.joined(_made(_targets(context), found)), declared)
    facts = {"targets": len(made.targets), "assets": len(made.assets), "errors": len(made.errors)}
    origin = context.origin
    connection = origin.database()
    with connection.transaction():
        audit.append(
            connection, origin.tenant_id, origin.submitted_by, "inventory.made", made.inventory_id, facts
        )
    return Done({"operation": "inventory", "inventory": made.model_dump(mode="json")})


def _targets(context: Context) -> tuple[str, ...]:
    spec = context.spec
    own = [name for name, wanted in ((STORE, spec["store"]), (STACK, spec["stack"])) if wanted]
    return (*spec["paths"], *spec["endpoints"], *own)


def _declared() -> tuple[Mapping[str, Target], list[InventoryError]]:
    """The targets that the operator declares; a file of them that is wrong stops no inventory."""
    path = load().targets_file
    try:
        return targets.load(path), []
    except BadInput as error:
        return {}, [unread(path, str(error))]


def _found(context: Context, declared: Mapping[str, Target]) -> Iterator[Found | InventoryError]:
    spec, settings, origin = context.spec, load(), context.origin
    yield from files.search(spec["paths"], files.Roots(settings.inventory_roots), context.checkpoint)
    yield from tls.search(_endpoints(spec["endpoints"], declared), context.checkpoint)
    if spec["store"]:
        yield from keystore.search(origin.database(), origin.tenant_id)
    if spec["stack"]:
        yield from installation.search(origin.database(), settings)


def _endpoints(asked: Sequence[str], declared: Mapping[str, Target]) -> list[str]:
    """The endpoints, those at which targets are declared by the names of these, too."""
    named = {
        f"{one.asked_name}@{one.probe}"
        for one in declared.values()
        if isinstance(one, Served) and one.asked_name and one.probe in asked and one.protocol == "tls"
    }
    return [*asked, *sorted(named - {*asked})]


def _made(asked: tuple[str, ...], found: Iterable[Found | InventoryError]) -> Inventory:
    """The inventory; what is found twice in one place is one asset."""
    now = datetime.now(UTC)
    assets: dict[str, Asset] = {}
    errors: list[InventoryError] = []
    for one in found:
        if len(assets) + len(errors) >= MAX_ASSETS - 1:
            errors.append(
                unread("inventory", f"stopped at {MAX_ASSETS:,} assets: look at it in several parts")
            )
            break
        made = _asset(one, now)
        if isinstance(made, InventoryError):
            errors.append(made)
        else:
            assets[made.asset_id] = made
    return Inventory(
        inventory_id=ulid.new("inv_"), created_at=now, targets=asked,
        assets=tuple(assets.values()), errors=tuple(errors),
    )  # fmt: skip


def _asset(one: Found | InventoryError, now: datetime) -> Asset | InventoryError:
    if isinstance(one, InventoryError):
        return one
    try:
        return one.asset(now)
    except BadInput as error:
        return unread(one.location, f"{error.field} is beyond what an inventory holds")
