"""Merges sightings of one object: a certificate in a file and on the wire, an endpoint by several names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from novacron.migration import Asset, Inventory
from workers.crypto.inventory.tls import ADDRESS

MOST_PLACES = 10_000
One = TypeVar("One")


def joined(inventory: Inventory) -> Inventory:
    """Return the inventory in which objects seen on the wire are merged into assets seen before.

    Copies in files stay separate assets, since each file is changed separately.
    """
    assets: list[Asset] = []
    seen: dict[tuple[str, ...], int] = {}
    for asset in inventory.assets:
        what = _identity(asset)
        if what is None or (what in seen and asset.location.startswith("/")):
            assets.append(asset)
        elif what in seen:
            assets[seen[what]] = _with(assets[seen[what]], asset)
        else:
            seen[what] = len(assets)
            assets.append(asset)
    return inventory.model_copy(update={"assets": tuple(assets)})


def address(endpoint: str) -> str:
    """Return `host:port` of an endpoint, without its server name."""
    return endpoint.rpartition("@")[2]


def _identity(asset: Asset) -> tuple[str, ...] | None:
    """Return the key that identifies an object across locations; None if there is none."""
    if asset.kind == "certificate" and (digest := asset.details.get("certificate_fingerprint")):
        return "certificate", str(digest)
    if asset.kind == "tls_endpoint" and ADDRESS.fullmatch(asset.location):
        return "tls_endpoint", address(asset.location), asset.algorithm
    return None


def _with(first: Asset, other: Asset) -> Asset:
    places = _distinct([*first.also_at, *other.places], but=first.location)[:MOST_PLACES]
    findings = _distinct([*first.findings, *other.findings])
    return first.model_copy(update={"also_at": tuple(places), "findings": tuple(findings)})


def _distinct(found: Iterable[One], but: One | None = None) -> list[One]:
    made: list[One] = []
    for one in found:
        if one != but and one not in made:
            made.append(one)
    return made
