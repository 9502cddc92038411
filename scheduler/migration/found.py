"""Components made from the assets of an inventory."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from novacron.errors import BadInput
from novacron.migration.asset import Asset, Inventory
from novacron.migration.classification import classify
from novacron.migration.component import MAX_COMPONENTS, Component, ComponentKind, Role
from scheduler.migration import choice

KINDS: dict[str, ComponentKind] = {
    "tls_endpoint": "tls_endpoint",
    "certificate": "certificate",
    "keystore_key": "stored_key",
    "envelope": "envelopes",
    "ssh_key": "ssh_key",
    "database_tls": "database_tls",
    "redis_tls": "redis_tls",
    "key": "service",
    "jwk": "service",
    "algorithm": "service",
}
_BY_FOLDER = ("envelope", "key", "jwk", "ssh_key")
"""Assets of these kinds in one folder, with one algorithm, go over together."""


def components(inventory: Inventory) -> tuple[list[Component], list[str]]:
    """What is to be migrated of an inventory, and what of it was left out and why.

    Raises:
        BadInput: it is more than a plan takes.
    """
    groups: dict[tuple[str, ...], list[Asset]] = {}
    warnings = []
    for asset in inventory.assets:
        if not asset.quantum_vulnerable and not _superseded(asset.algorithm):
            continue
        if reason := _hindrance(asset):
            warnings.append(f"{asset.name} is left out: {reason}")
        else:
            groups.setdefault(_group(asset), []).append(asset)
    if inventory.errors:
        warnings.append(f"{len(inventory.errors)} targets of the inventory could not be looked at")
    if len(groups) > MAX_COMPONENTS:
        rule = f"must hold at most {MAX_COMPONENTS} groups of vulnerable assets, holds {len(groups)}"
        raise BadInput(rule, field="inventory.assets", hint="plan them in several parts")
    names = _names([_name(group) for group in groups.values()])
    return [_component(name, group) for name, group in zip(names, groups.values(), strict=True)], warnings


def _hindrance(asset: Asset) -> str | None:
    """Why a vulnerable asset is no component; None where it is one."""
    algorithm = _algorithm(asset)
    known = classify(algorithm)
    if known is None or known.type == "symmetric":
        return f"its algorithm {algorithm} is not known"
    if not known.quantum_vulnerable and not _superseded(algorithm):
        return f"its key exchange is {algorithm} already; its certificate is an asset of its own"
    if not choice.uses(_kind(asset), _role(asset), known.type):
        return f"{algorithm} has no place in a {_kind(asset)}; was its key exchange seen?"
    return None


def _kind(asset: Asset) -> ComponentKind:
    return "trust_anchor" if asset.details.get("ca") is True else KINDS[asset.kind]


def _superseded(algorithm: str) -> bool:
    found = classify(algorithm)
    return found is not None and found.status == "round3"


def _algorithm(asset: Asset) -> str:
    """What is replaced: of an endpoint its key exchange, where that was seen."""
    group = asset.protocol.group if asset.protocol and KINDS[asset.kind] != "certificate" else None
    return group or asset.algorithm


def _group(asset: Asset) -> tuple[str, ...]:
    if asset.kind in _BY_FOLDER:
        return asset.kind, asset.algorithm, str(PurePath(asset.location).parent)
    return asset.kind, asset.asset_id


def _name(group: list[Asset]) -> str:
    first = group[0]
    text = first.name if len(group) == 1 else f"{first.kind} in {PurePath(first.location).parent}"
    return "".join(character if character.isprintable() else "?" for character in text).strip()[:190] or "?"


def _names(wanted: list[str]) -> list[str]:
    """The names, numbered where one is wanted twice."""
    seen: Counter[str] = Counter()
    taken, found = set(wanted), []
    for name in wanted:
        seen[name] += 1
        made = name if seen[name] == 1 else f"{name} #{seen[name]}"
        while seen[name] > 1 and made in taken:
            seen[name] += 1
            made = f"{name} #{seen[name]}"
        taken.add(made)
        found.append(made)
    return found


def _component(name: str, group: list[Asset]) -> Component:
    first = group[0]
    lifetimes = [one.data_lifetime_years for one in group if one.data_lifetime_years is not None]
    sizes = [size for one in group if isinstance(size := one.details.get("size_bytes"), int) and size >= 0]
    return Component(
        name=name, kind=_kind(first), role=_role(first), algorithm=_algorithm(first), count=len(group),
        target=first.location if first.kind == "keystore_key" else None,
        data_lifetime_years=max(lifetimes, default=None), size_bytes=sum(sizes),
    )  # fmt: skip


def _role(asset: Asset) -> Role:
    """A key of a service is for what it protects."""
    if KINDS[asset.kind] != "service" or len(asset.purposes) > 1:
        return "both"
    return "signer" if asset.purposes[0] == "authenticity" else "writer"
