"""What is read and written of a bill of materials, as CycloneDX names it; the schema checks the whole.

Source: ECMA-424 (CycloneDX 1.6 and 1.7), `cryptoProperties`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from novacron.json_types import JsonObject


class Property(TypedDict, total=False):
    """A name and a value that another tool, or this one, has added."""

    name: str
    value: str


class Occurrence(TypedDict):
    """Where a component was found."""

    location: str


class Evidence(TypedDict, total=False):
    """How a component is known."""

    occurrences: Sequence[Occurrence]


class Related(TypedDict, total=False):
    """Another component, and what it is to this one (since 1.7)."""

    type: str
    ref: str


class AlgorithmProperties(TypedDict, total=False):
    """Of an algorithm."""

    primitive: str
    parameterSetIdentifier: str
    classicalSecurityLevel: int
    nistQuantumSecurityLevel: int


class CertificateProperties(TypedDict, total=False):
    """Of a certificate; the references are of 1.6."""

    subjectName: str
    issuerName: str
    certificateFormat: str
    serialNumber: str
    notValidBefore: str
    notValidAfter: str
    subjectPublicKeyRef: str
    signatureAlgorithmRef: str
    relatedCryptographicAssets: Sequence[Related]


class CipherSuite(TypedDict, total=False):
    """Of a protocol, with references to its algorithms."""

    name: str
    algorithms: Sequence[str]


class ProtocolProperties(TypedDict, total=False):
    """Of a protocol; the array of references is of 1.6."""

    type: str
    version: str
    cipherSuites: Sequence[CipherSuite]
    cryptoRefArray: Sequence[str]
    relatedCryptographicAssets: Sequence[Related]


class Fingerprint(TypedDict):
    """A digest, and by which hash function."""

    alg: str
    content: str


class MaterialProperties(TypedDict, total=False):
    """Of a key or another material; the reference is of 1.6."""

    type: str
    size: int
    fingerprint: Fingerprint
    algorithmRef: str
    relatedCryptographicAssets: Sequence[Related]


class CryptoProperties(TypedDict, total=False):
    """What a cryptographic asset is: its type, and the properties of that type."""

    assetType: str
    algorithmProperties: AlgorithmProperties
    certificateProperties: CertificateProperties
    protocolProperties: ProtocolProperties
    relatedCryptoMaterialProperties: MaterialProperties


Component = TypedDict(
    "Component",
    {
        "type": str,
        "name": str,
        "bom-ref": NotRequired[str],
        "components": NotRequired[Sequence["Component"]],
        "properties": NotRequired[Sequence[Property]],
        "cryptoProperties": NotRequired[CryptoProperties],
        "evidence": NotRequired[Evidence],
    },
)
"""A part of what the bill is about."""


class Bill(TypedDict, total=False):
    """A bill of materials."""

    bomFormat: str
    specVersion: str
    version: int
    serialNumber: str
    metadata: JsonObject
    components: Sequence[Component]
