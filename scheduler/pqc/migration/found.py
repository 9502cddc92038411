"""Components derived from an inventory's assets: each key once, by its use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from novacron.errors import BadInput
from novacron.migration.asset import Asset, Inventory
from novacron.migration.classification import classify
from novacron.migration.component import MAX_COMPONENTS, MAX_PLACES, Component, ComponentKind, Role
from scheduler.pqc.migration import choice
from shared.crypto.found import NO_TLS

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
_BY_FOLDER = ("envelope", "key", "jwk")
"""Assets of these kinds in one folder, with one algorithm, migrate together."""


def components(inventory: Inventory) -> tuple[list[Component], list[str]]:
    """Return the components of an inventory to migrate, and what was left out and why.

    Raises:
        BadInput: it exceeds the limits of a plan.
    """
    groups: dict[tuple[str, ...], list[Asset]] = {}
    known = _Uses(inventory.assets)
    warnings = _of_ssh(inventory.assets)
    for asset in inventory.assets:
        if asset.kind == "ssh_key" or not (asset.quantum_vulnerable or _superseded(asset.algorithm)):
            continue
        if reason := _hindrance(asset):
            warnings.append(f"{asset.name} is left out: {reason}")
        elif not known.elsewhere(asset):
            groups.setdefault(_group(asset), []).append(asset)
            warnings += _doubt(asset)
    if inventory.errors:
        warnings.append(f"{len(inventory.errors)} targets of the inventory could not be examined")
    if len(groups) > MAX_COMPONENTS:
        rule = f"must hold at most {MAX_COMPONENTS} groups of vulnerable assets, holds {len(groups)}"
        raise BadInput(rule, field="inventory.assets", hint="plan them in several parts")
    names = _names([_name(group) for group in groups.values()])
    return [_component(name, group) for name, group in zip(names, groups.values(), strict=True)], warnings


def _of_ssh(assets: Iterable[Asset]) -> list[str]:
    """Return the remarks on SSH keys, which have no post-quantum replacement yet."""
    keys = {
        next(_fingerprints(one), one.asset_id): one.algorithm
        for one in assets if one.kind == "ssh_key" and one.quantum_vulnerable
    }  # fmt: skip
    if not keys:
        return []
    counted = ", ".join(f"{count} {name}" for name, count in sorted(Counter(keys.values()).items()))
    return [
        f"SSH keys are left out ({counted}): OpenSSH has no post-quantum signatures yet, and none is forged"
        " before there is a quantum computer; what is recorded today is the key exchange, a component of the"
        " kind ssh_endpoint"
    ]


class _Uses:
    """The uses of an inventory's keys: certificates, envelopes.

    A certificate migrates with its key, wherever that is stored; envelopes with the key they are sealed to.
    """

    def __init__(self, assets: Sequence[Asset]) -> None:
        vulnerable = [one for one in assets if one.quantum_vulnerable]
        self._certified = {
            print_ for one in vulnerable if one.kind == "certificate" for print_ in _fingerprints(one)
        }
        named = (one.details.get("key_ids") for one in vulnerable if one.kind == "envelope")
        self._sealed_for = {
            str(name).partition("/")[0] for names in named if isinstance(names, list) for name in names
        }

    def elsewhere(self, asset: Asset) -> bool:
        """Return whether a key migrates as a part of another component."""
        if asset.kind == "keystore_key" and asset.location in self._sealed_for:
            return True
        return asset.kind in ("key", "keystore_key") and any(
            print_ in self._certified for print_ in _fingerprints(asset)
        )


def _fingerprints(asset: Asset) -> Iterator[str]:
    """Yield the digests of its public key under the names that different sources use."""
    for name in ("fingerprint", "public_key_fingerprint"):
        if isinstance(found := asset.details.get(name), str):
            yield found


def _doubt(asset: Asset) -> list[str]:
    """Return the remarks on a key whose use is unknown."""
    if KINDS[asset.kind] == "service" and len(asset.purposes) > 1 and not asset.target:
        text = f"what {asset.name} is used for is not known: it is planned for what may be sealed for it"
        return [f"{text}; give it as a component with the role signer if it signs"]
    if asset.kind == "keystore_key" and _kind(asset) == "envelopes":
        return [f"no envelope for {asset.name} is in the inventory: migrate existing envelopes manually"]
    return []


def _hindrance(asset: Asset) -> str | None:
    """Return why a vulnerable asset does not become a component; None where it does."""
    algorithm = _algorithm(asset)
    known = classify(algorithm)
    if algorithm == NO_TLS:
        return "nothing encrypts it: turn TLS on first"
    if known is None or known.type == "symmetric":
        return f"its algorithm {algorithm} is not known"
    if not known.quantum_vulnerable and not _superseded(algorithm):
        return f"its key exchange is {algorithm} already; its certificate is an asset of its own"
    if not choice.uses(_kind(asset), _role(asset), known.type):
        return f"{algorithm} has no place in a {_kind(asset)}; was its key exchange seen?"
    return None


def _kind(asset: Asset) -> ComponentKind:
    """Return the kind of component for an asset; a stored key is planned by its use."""
    if asset.details.get("ca") is True:
        return "trust_anchor"
    if asset.kind == "keystore_key" and asset.details.get("certified") is True:
        return "certificate"
    if asset.kind == "keystore_key" and asset.details.get("usage") == "decrypt":
        return "envelopes"
    return KINDS[asset.kind]


def _superseded(algorithm: str) -> bool:
    found = classify(algorithm)
    return found is not None and found.status == "round3"


def _algorithm(asset: Asset) -> str:
    """Return the algorithm to replace: an endpoint's key exchange, where that was observed."""
    group = asset.protocol.group if asset.protocol and KINDS[asset.kind] != "certificate" else None
    if group is None and asset.target and KINDS[asset.kind] == "service":
        return _signing(asset.algorithm)
    return group or asset.algorithm


def _signing(algorithm: str) -> str:
    """Return the signature algorithm of a service's key: a target made of key files signs."""
    for key, signature in (("EC-", "ECDSA-"), ("RSA-", "RSASSA-")):
        if algorithm.startswith(key) and algorithm.removeprefix(key)[:1] in "P0123456789":
            return signature + algorithm.removeprefix(key)
    return algorithm


def _group(asset: Asset) -> tuple[str, ...]:
    """Return the grouping key: what one target changes, one certificate, or the files of a folder."""
    kind = _kind(asset)
    if asset.target:
        return "target", asset.target, kind, _algorithm(asset) if kind == "envelopes" else ""
    if kind == "certificate":
        return kind, str(asset.details.get("certificate_fingerprint") or asset.asset_id)
    if asset.kind in _BY_FOLDER:
        return asset.kind, asset.algorithm, str(PurePath(asset.location).parent)
    return asset.kind, asset.asset_id


def _name(group: list[Asset]) -> str:
    first = group[0]
    if len(group) == 1:
        text = first.name
    elif first.target:
        text = f"{first.kind} of {first.target}"
    else:
        text = f"{first.kind} in {PurePath(first.location).parent}"
    return "".join(character if character.isprintable() else "?" for character in text).strip()[:190] or "?"


def _names(wanted: list[str]) -> list[str]:
    """Return unique names: duplicates are numbered."""
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
        name=name, kind=_kind(first), role=_role(first), algorithm=_algorithm(first), count=_count(group),
        target=_target(first), places=tuple(_places(group))[:MAX_PLACES],
        data_lifetime_years=max(lifetimes, default=None), size_bytes=sum(sizes),
    )  # fmt: skip


def _target(asset: Asset) -> str | None:
    """Return the target that changes it: a stored signing key is its own target."""
    if asset.kind == "keystore_key" and _kind(asset) == "stored_key":
        usage = asset.details.get("usage", "sign" if asset.purposes == ("authenticity",) else None)
        return asset.location if usage == "sign" else None
    return asset.target


def _places(group: Iterable[Asset]) -> Iterator[str]:
    yield from dict.fromkeys(place for asset in group for place in asset.places)


def _count(group: Sequence[Asset]) -> int:
    """Return the number of objects; a service's public key and its private key count as one."""
    if KINDS[group[0].kind] != "service":
        return len(group)
    return len({next(_fingerprints(one), one.asset_id) for one in group})


def _role(asset: Asset) -> Role:
    """Return the role of a service's key by its purpose; with both, confidentiality, as it is lost first."""
    if KINDS[asset.kind] != "service" or asset.target:
        return "both"
    return "signer" if asset.purposes == ("authenticity",) else "writer"
