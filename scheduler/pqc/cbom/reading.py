"""Conversion of a bill of materials, from this tool or another, to an inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, cast

from pydantic import ValidationError

from novacron.errors import BadInput
from novacron.migration import Asset, Inventory, InventoryError, classify
from novacron.migration.asset import MAX_ASSETS, AssetKind, Purpose
from scheduler.pqc.cbom import schema
from scheduler.pqc.cbom.documents import (
    AlgorithmProperties,
    Bill,
    CertificateProperties,
    Component,
    CryptoProperties,
    MaterialProperties,
    ProtocolProperties,
    Related,
)
from scheduler.pqc.cbom.writing import ALGORITHM, OWN, PUBLIC_KEY, REFERENCE, SIGNATURE
from shared import ulid
from shared.crypto.found import Found, shown, unread

UNKNOWN = "unknown"
_KEYS = ("private-key", "public-key", "secret-key", "key")
_PURPOSES: dict[str, tuple[Purpose, ...]] = {
    "signature": ("authenticity",), "mac": ("authenticity",), "hash": ("authenticity",),
    "kem": ("confidentiality",), "key-agree": ("confidentiality",), "ae": ("confidentiality",),
    "block-cipher": ("confidentiality",), "stream-cipher": ("confidentiality",),
}  # fmt: skip
"""Primitive of an algorithm -> purposes it serves; unlisted primitives serve both."""
Known: TypeAlias = Mapping[str, Component]
"""Reference -> component."""


def read(document: Mapping[str, object]) -> Inventory:
    """Return the inventory that a bill of materials describes.

    Raises:
        BadInput: it is not CycloneDX 1.6 or 1.7, or too large.
    """
    schema.check(document)
    bill = cast("Bill", document)
    components = [one for one in _all(bill) if one["type"] == "cryptographic-asset"]
    if len(components) > MAX_ASSETS:
        raise BadInput(f"must hold at most {MAX_ASSETS:,} cryptographic assets", field="components")
    known = {one["bom-ref"]: one for one in components if "bom-ref" in one}
    assets: dict[str, Asset] = {}
    errors: list[InventoryError] = []
    now = datetime.now(UTC)
    for one in components:
        if (made := _asset(one, known, now)) is None:
            continue
        if isinstance(made, InventoryError):
            errors.append(made)
        else:
            assets[made.asset_id] = made
    target = shown(bill.get("serialNumber", "CBOM"))
    return Inventory(
        inventory_id=ulid.new("inv_"), created_at=now, targets=(target,),
        assets=tuple(assets.values()), errors=tuple(errors),
    )  # fmt: skip


def _all(bill: Bill) -> Iterator[Component]:
    """Yield all components, including nested ones."""
    waiting = list(reversed(bill.get("components", ())))
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.get("components", ()))


def _asset(one: Component, known: Known, now: datetime) -> Asset | InventoryError | None:
    """Return the asset for a component; None for components that are not assets."""
    own = [entry.get("value", "") for entry in one.get("properties", ()) if entry.get("name") == OWN]
    try:
        if own:
            return Asset.model_validate_json(own[0])
        found = _found(one, known)
        return found.asset(now) if found else None
    except (ValidationError, BadInput, ValueError):
        return unread(shown(one["name"]), "this component cannot be read as an asset")


def _found(one: Component, known: Known) -> Found | None:
    properties = one.get("cryptoProperties", {})
    form = FORMS.get(properties.get("assetType", ""))
    if form is None or one.get("bom-ref", "").startswith(REFERENCE):
        return None
    found = form(one, properties, known)
    first, *others = _places(one)
    return replace(found, location=first, also_at=tuple(others), name=one["name"]) if found else None


def _places(one: Component) -> list[str]:
    occurrences = one.get("evidence", {}).get("occurrences", ())
    return list(dict.fromkeys(each["location"] for each in occurrences)) or [one["name"]]


def _made(kind: AssetKind, algorithm: str, **more: Any) -> Found:
    return Found(kind, "", "", shown(algorithm), **more)


def _algorithm(one: Component, properties: CryptoProperties, known: Known) -> Found:
    details = properties.get("algorithmProperties", {})
    return _made("algorithm", _name(one), purposes=_PURPOSES.get(details.get("primitive", ""), ()))


def _name(one: Component) -> str:
    """Return an algorithm's name, with its parameter set where only both together are a known name."""
    name, size = one["name"], _details(one).get("parameterSetIdentifier")
    joined = f"{name}-{size}"
    return joined if size and classify(name) is None and classify(joined) else name


def _details(one: Component) -> AlgorithmProperties:
    return one.get("cryptoProperties", {}).get("algorithmProperties", {})


def _referred(ref: object, known: Known, hops: int = 2) -> str | None:
    """Return the name of the algorithm that a reference leads to, via a key where it names one."""
    one = known.get(str(ref))
    if one is None:
        return None
    properties = one.get("cryptoProperties", {})
    if properties.get("assetType") == "algorithm":
        return _name(one)
    details = properties.get("relatedCryptoMaterialProperties", {})
    further = _reference(details.get("algorithmRef"), _related(details), ALGORITHM)
    return _referred(further, known, hops - 1) if hops and further else None


def _reference(member: str | None, related: Sequence[Related], *kinds: str) -> str | None:
    """Return the component that another refers to: by a dedicated member until 1.6, by relation since 1.7."""
    found = next((one.get("ref") for kind in kinds for one in related if one.get("type") == kind), None)
    return found or member


def _related(details: CertificateProperties | ProtocolProperties | MaterialProperties) -> Sequence[Related]:
    return details.get("relatedCryptographicAssets", ())


def _certificate(one: Component, properties: CryptoProperties, known: Known) -> Found:
    details = properties.get("certificateProperties", {})
    key = _referred(_reference(details.get("subjectPublicKeyRef"), _related(details), PUBLIC_KEY), known)
    signed = _reference(details.get("signatureAlgorithmRef"), _related(details), SIGNATURE, ALGORITHM)
    signature = _referred(signed, known)
    return _made(
        "certificate", key or signature or UNKNOWN, purposes=("authenticity",),
        not_before=_moment(details.get("notValidBefore")), not_after=_moment(details.get("notValidAfter")),
        details={"signature_algorithm": shown(signature)} if signature else {},
    )  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _protocol(one: Component, properties: CryptoProperties, known: Known) -> Found:
    """Return a protocol, identified by its key exchange where it names one."""
    details = properties.get("protocolProperties", {})
    refs: list[str | None] = [*details.get("cryptoRefArray", ())]
    refs += [one.get("ref") for one in _related(details)]
    refs += [ref for suite in details.get("cipherSuites", ()) for ref in suite.get("algorithms", ())]
    names = [name for name in (_referred(ref, known) for ref in refs) if name]
    exchange = next((name for name in names if _exchanges(name)), None)
    kind: AssetKind = "tls_endpoint" if details.get("type") == "tls" else "algorithm"
    return _made(kind, exchange or next(iter(names), UNKNOWN))


def _exchanges(name: str) -> bool:
    found = classify(name)
    return found is not None and found.type in ("kem", "group", "ssh_kex")


def _material(one: Component, properties: CryptoProperties, known: Known) -> Found | None:
    """Return a key; other material, and all key values, are ignored."""
    details = properties.get("relatedCryptoMaterialProperties", {})
    if details.get("type") not in _KEYS:
        return None
    ref = _reference(details.get("algorithmRef"), _related(details), ALGORITHM)
    algorithm = _referred(ref, known) or UNKNOWN
    size = details.get("size")
    private = details["type"] != "public-key"
    return _made("key", algorithm, key_bits=size if type(size) is int else None, details={"private": private})


FORMS: Final[dict[str, Callable[[Component, CryptoProperties, Known], Found | None]]] = {
    "algorithm": _algorithm,
    "certificate": _certificate,
    "protocol": _protocol,
    "related-crypto-material": _material,
}
"""Type of an asset -> its reader."""
