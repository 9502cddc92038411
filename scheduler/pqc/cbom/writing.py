"""Conversion of an inventory to a bill of materials."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import cast

from novacron.algorithms import ALGORITHMS
from novacron.migration import Asset, Inventory, classify
from novacron.migration.classification import Classification
from scheduler.pqc.cbom import schema
from scheduler.pqc.cbom.documents import (
    AlgorithmProperties,
    Bill,
    CertificateProperties,
    Component,
    CryptoProperties,
    Fingerprint,
    MaterialProperties,
    ProtocolProperties,
    Related,
)

OWN = "novacron:asset"
"""Property of a component that holds the complete asset, for lossless import."""
REFERENCE = "algorithm:"
"""Prefix of references to algorithms."""
ALGORITHM, SIGNATURE, PUBLIC_KEY = "algorithm", "signatureAlgorithm", "publicKey"
"""Relations of related assets to a component."""
_DIGEST = re.compile("[0-9a-f]{64}")
_PRIMITIVES = {
    "kem": "kem", "group": "kem", "ssh_kex": "kem", "signature": "signature", "encryption": "pke",
    "any": "pke", "symmetric": "other",
}  # fmt: skip


def write(inventory: Inventory) -> Bill:
    """Return the bill of materials, valid against the schema."""
    names = sorted({asset.algorithm for asset in inventory.assets} | _signatures(inventory))
    document: Bill = {
        "bomFormat": "CycloneDX", "specVersion": schema.WRITTEN, "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, inventory.inventory_id)}",
        "metadata": {
            "timestamp": inventory.created_at.isoformat(),
            "tools": {"components": [{"type": "application", "name": "NovaCron"}]},
        },
        "components": [
            *(_asset(asset) for asset in inventory.assets),
            *(_algorithm(name) for name in names),
        ],
    }  # fmt: skip
    schema.check(document)
    return document


def _signatures(inventory: Inventory) -> set[str]:
    found = (asset.details.get("signature_algorithm") for asset in inventory.assets)
    return {name for name in found if isinstance(name, str) and name}


def _asset(asset: Asset) -> Component:
    return {
        "type": "cryptographic-asset", "bom-ref": asset.asset_id, "name": asset.name,
        "cryptoProperties": _FORMS.get(asset.kind, _material)(asset),
        "evidence": {"occurrences": [{"location": place} for place in asset.places]},
        "properties": [{"name": OWN, "value": asset.model_dump_json()}],
    }  # fmt: skip


def _given(**members: object) -> object:
    """Return the members with known values."""
    return {name: value for name, value in members.items() if value is not None}


def _certificate(asset: Asset) -> CryptoProperties:
    details = asset.details
    signature = _text(details.get("signature_algorithm"))
    properties = _given(
        subjectName=asset.name, issuerName=_text(details.get("issuer")), certificateFormat="X.509",
        notValidBefore=asset.not_before.isoformat() if asset.not_before else None,
        notValidAfter=asset.not_after.isoformat() if asset.not_after else None,
        serialNumber=_text(details.get("serial")),
        relatedCryptographicAssets=[
            *([_related(SIGNATURE, signature)] if signature else []), _related(PUBLIC_KEY, asset.algorithm),
        ],
    )  # fmt: skip
    return {"assetType": "certificate", "certificateProperties": cast("CertificateProperties", properties)}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _protocol(asset: Asset) -> CryptoProperties:
    version = asset.protocol.version if asset.protocol else None
    suite = _given(name=_text(asset.details.get("cipher")), algorithms=[REFERENCE + asset.algorithm])
    properties = _given(
        type="tls", version=version.removeprefix("TLSv") if version else None, cipherSuites=[suite]
    )
    return {"assetType": "protocol", "protocolProperties": cast("ProtocolProperties", properties)}


def _material(asset: Asset) -> CryptoProperties:
    sealed = asset.kind == "envelope"
    private = asset.kind == "keystore_key" or asset.details.get("private") is True
    kind = "ciphertext" if sealed else "private-key" if private else "public-key"
    properties = _given(
        type=kind,
        size=asset.key_bits,
        fingerprint=_fingerprint(asset.details.get("fingerprint")),
        relatedCryptographicAssets=[_related(ALGORITHM, asset.algorithm)],
    )
    return {
        "assetType": "related-crypto-material",
        "relatedCryptoMaterialProperties": cast("MaterialProperties", properties),
    }


def _related(what: str, algorithm: str) -> Related:
    return {"type": what, "ref": REFERENCE + algorithm}


def _fingerprint(text: object) -> Fingerprint | None:
    """Return a SHA-256 digest in hexadecimal; None for other notations, such as OpenSSH's."""
    digest = text.removeprefix("sha256:") if isinstance(text, str) else ""
    return {"alg": "SHA-256", "content": digest} if _DIGEST.fullmatch(digest) else None


def _own_algorithm(asset: Asset) -> CryptoProperties:
    return _algorithm_properties(asset.algorithm)


_FORMS: dict[str, Callable[[Asset], CryptoProperties]] = {
    "certificate": _certificate,
    "tls_endpoint": _protocol,
    "database_tls": _protocol,
    "redis_tls": _protocol,
    "algorithm": _own_algorithm,
}


def _algorithm(name: str) -> Component:
    """Return the component that assets refer to; it is no asset of its own."""
    return {
        "type": "cryptographic-asset", "bom-ref": REFERENCE + name, "name": name,
        "cryptoProperties": _algorithm_properties(name),
    }  # fmt: skip


def _algorithm_properties(name: str) -> CryptoProperties:
    found = classify(name)
    properties = _given(
        primitive=_PRIMITIVES[found.type] if found else "unknown",
        classicalSecurityLevel=found.strength_bits if found else None,
        nistQuantumSecurityLevel=_level(name, found),
    )
    return {"assetType": "algorithm", "algorithmProperties": cast("AlgorithmProperties", properties)}


def _level(name: str, found: Classification | None) -> int | None:
    """Return NIST's security category, 0 for quantum-vulnerable algorithms; None where it is unknown."""
    if found and found.quantum_vulnerable:
        return 0
    return ALGORITHMS[name].nist_level if name in ALGORITHMS else None
