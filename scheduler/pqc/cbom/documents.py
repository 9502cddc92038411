"""Members of a bill of materials that are read and written, named as in CycloneDX; a schema checks the rest.

Source: ECMA-424 (CycloneDX 1.6 and 1.7), `cryptoProperties`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from novacron.json_types import JsonObject


class Property(TypedDict, total=False):
    """A name and a value added by this tool or another."""

    name: str
    value: str


class Occurrence(TypedDict):
    """Location where a component was found."""

    location: str


class Evidence(TypedDict, total=False):
    """Evidence of a component."""

    occurrences: Sequence[Occurrence]


class Related(TypedDict, total=False):
    """Another component and its relation to this one (since 1.7)."""

    type: str
    ref: str


class AlgorithmProperties(TypedDict, total=False):
    """Properties of an algorithm."""

    primitive: str
    parameterSetIdentifier: str
    classicalSecurityLevel: int
    nistQuantumSecurityLevel: int


class CertificateProperties(TypedDict, total=False):
    """Properties of a certificate; the references are those of 1.6."""

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
    """A protocol's cipher suite, with references to its algorithms."""

    name: str
    algorithms: Sequence[str]


class ProtocolProperties(TypedDict, total=False):
    """Properties of a protocol; the array of references is that of 1.6."""

    type: str
    version: str
    cipherSuites: Sequence[CipherSuite]
    cryptoRefArray: Sequence[str]
    relatedCryptographicAssets: Sequence[Related]


class Fingerprint(TypedDict):
    """A digest and its hash function."""

    alg: str
    content: str


class MaterialProperties(TypedDict, total=False):
    """Properties of a key or other material; the reference is that of 1.6."""

    type: str
    size: int
    fingerprint: Fingerprint
    algorithmRef: str
    relatedCryptographicAssets: Sequence[Related]


class CryptoProperties(TypedDict, total=False):
    """A cryptographic asset's type, and the properties of that type."""

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
"""A component of the bill's subject."""


class Bill(TypedDict, total=False):
    """A bill of materials."""

    bomFormat: str
    specVersion: str
    version: int
    serialNumber: str
    metadata: JsonObject
    components: Sequence[Component]
