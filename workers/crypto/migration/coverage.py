"""Finds the declared target that changes an inventory's asset, by the asset's location."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

from novacron.migration import Asset, Inventory
from workers.crypto.migration.served import Certified, Declared, Served
from workers.crypto.migration.targets import Target

LOCAL = {"localhost": "127.0.0.1"}


def annotated(inventory: Inventory, declared: Mapping[str, Target]) -> Inventory:
    """Return the inventory with the target of each asset that has one."""
    assets = [one.model_copy(update={"target": covering(one, declared.values())}) for one in inventory.assets]
    return inventory.model_copy(update={"assets": tuple(assets)})


def covering(asset: Asset, declared: Iterable[Target]) -> str | None:
    """Return the name of the target that changes an asset; None if there is none, or it is ambiguous."""
    if asset.details.get("ca") is True:
        return None
    declared = list(declared)
    found = [one.name for one in declared if any(_holds(one, place) for place in asset.places)]
    if not found:
        found = [one.name for one in declared if any(_serves(one, asset, place) for place in asset.places)]
    return found[0] if len(found) == 1 else None


def _holds(target: Declared, place: str) -> bool:
    """Return whether a file is one that the target changes."""
    if not place.startswith("/"):
        return False
    paths, here = target.paths(), os.path.realpath(place)
    folder = paths.pop("folder", None)
    if folder is not None:
        there = os.path.realpath(folder)
        inside = here.startswith(there.rstrip("/") + "/")
        return inside and PurePath(here).match(getattr(target, "pattern", "*"))
    return any(os.path.realpath(Path(path)) == here for path in paths.values())


def _serves(target: Declared, asset: Asset, place: str) -> bool:
    """Return whether the asset at an address is one that the target changes there."""
    if not isinstance(target, Served) or not target.probe or place.startswith("/"):
        return False
    name, _, address = place.rpartition("@")
    if _plain(address) != _plain(target.probe):
        return False
    if asset.kind == "certificate":
        return isinstance(target, Certified) and name in ("", target.asked_name or "")
    return bool(getattr(target, "groups_directive", ""))


def _plain(address: str) -> str:
    host, _, port = address.lower().rpartition(":")
    return f"{LOCAL.get(host, host)}:{port}"
