"""Bills of materials: valid by the official schema, and the same inventory on the way back."""

import copy
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.migration import Asset, Finding, Inventory, Protocol
from scheduler.pqc.cbom import reading, schema, writing
from shared.crypto.found import Found

NOW = datetime.now(UTC)
FINGERPRINT = "sha256:" + "0a" * 32
FOUND = (
    Found(
        "certificate", "CN=web", "/etc/web.pem", "ECDSA-P256", 256, ("authenticity",), "sha256:00",
        not_before=NOW, not_after=NOW + timedelta(days=9),
        details={"issuer": "CN=ca", "signature_algorithm": "sha256WithRSAEncryption", "ca": False},
    ),
    Found("key", "private key", "/etc/web.key", "RSA-2048", 2048, (), FINGERPRINT, details={"private": True}),
    Found("key", "private key", "/etc/e.p12", "unknown, encrypted", details={"encrypted": True}),
    Found("ssh_key", "anna@laptop", "/home/a/.ssh/id.pub", "Ed25519", purposes=("authenticity",)),
    Found("jwk", "JWK 1", "/etc/jwks.json", "ML-DSA-65"),
    Found("keystore_key", "key_1", "key_1", "ML-KEM-768"),
    Found("envelope", "a.ncrypt", "/srv/a.ncrypt", "X-Wing", details={"size_bytes": 12}),
    Found(
        "tls_endpoint", "web.example:443", "web.example:443", "X25519",
        protocol=Protocol(version="TLSv1.3", group="X25519", signature="ecdsa_secp256r1_sha256"),
        details={"cipher": "TLS_AES_256_GCM_SHA384"}, findings=(Finding(severity="high", text="classical"),),
    ),
    Found("database_tls", "PostgreSQL", "/run/postgresql", "none", vulnerable=False),
    Found("algorithm", "AES-128", "library", "AES-128"),
)  # fmt: skip
PRIMITIVE = "components[0].cryptoProperties.algorithmProperties.primitive"
INVENTORY = Inventory(inventory_id="inv_1", created_at=NOW, assets=tuple(one.asset(NOW) for one in FOUND))


def components(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["bom-ref"]: one for one in document["components"]}


def bom(*found: dict[str, Any], version: str = "1.6") -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX", "specVersion": version, "version": 1,
        "components": [{"type": "cryptographic-asset", **one} for one in found],
    }  # fmt: skip


def algorithm(ref: str, name: str, **properties: Any) -> dict[str, Any]:
    inner = {"assetType": "algorithm", "algorithmProperties": properties}
    return {"bom-ref": ref, "name": name, "cryptoProperties": inner}


def read(*found: dict[str, Any]) -> list[Asset]:
    made = reading.read(bom(*found))
    assert not made.errors
    return list(made.assets)


def test_an_inventory_comes_back_as_it_was():
    document = json.loads(json.dumps(writing.write(INVENTORY)))
    schema.check(document)
    assert reading.read(document).assets == INVENTORY.assets


def test_the_standard_properties_say_it_to_other_tools():
    made = components(writing.write(INVENTORY))
    web, key, *_, endpoint, _, _ = (made[one.asset_id]["cryptoProperties"] for one in INVENTORY.assets)
    assert web["certificateProperties"] == {
        "subjectName": "CN=web", "issuerName": "CN=ca", "certificateFormat": "X.509",
        "notValidBefore": NOW.isoformat(), "notValidAfter": (NOW + timedelta(days=9)).isoformat(),
        "relatedCryptographicAssets": [
            {"type": "signatureAlgorithm", "ref": "algorithm:sha256WithRSAEncryption"},
            {"type": "publicKey", "ref": "algorithm:ECDSA-P256"},
        ],
    }  # fmt: skip
    assert key["relatedCryptoMaterialProperties"] == {
        "type": "private-key", "size": 2048,
        "relatedCryptographicAssets": [{"type": "algorithm", "ref": "algorithm:RSA-2048"}],
        "fingerprint": {"alg": "SHA-256", "content": "0a" * 32},
    }  # fmt: skip
    assert endpoint["protocolProperties"]["version"] == "1.3"
    levels = {
        ref: one["cryptoProperties"]["algorithmProperties"].get("nistQuantumSecurityLevel")
        for ref, one in made.items()
        if ref.startswith("algorithm:")
    }
    assert levels["algorithm:RSA-2048"] == 0 and levels["algorithm:ML-KEM-768"] == 3
    assert levels["algorithm:unknown, encrypted"] is None


def test_every_reference_leads_to_a_component():
    document = writing.write(INVENTORY)
    text = json.dumps(document)
    known = components(document)
    referred = {part.split('"')[0] for part in text.split('"algorithm:')[1:]}
    assert len(known) == len(document["components"])
    assert {f"algorithm:{name}" for name in referred} <= set(known)


def test_what_other_tools_write_is_read():
    certificate = {
        "name": "leaf", "evidence": {"occurrences": [{"location": "/app/leaf.pem"}]},
        "cryptoProperties": {"assetType": "certificate", "certificateProperties": {
            "subjectPublicKeyRef": "key", "signatureAlgorithmRef": "sha",
            "notValidAfter": "2027-01-01T00:00:00Z",
        }},
    }  # fmt: skip
    key = {
        "bom-ref": "key", "name": "leaf key",
        "cryptoProperties": {"assetType": "related-crypto-material", "relatedCryptoMaterialProperties": {
            "type": "public-key", "algorithmRef": "rsa", "size": 2048, "value": "c2VjcmV0",
        }},
    }  # fmt: skip
    tls = {
        "name": "tls", "cryptoProperties": {"assetType": "protocol", "protocolProperties": {
            "type": "tls", "cipherSuites": [{"name": "x", "algorithms": ["rsa", "ecdh"]}],
        }},
    }  # fmt: skip
    salt = {
        "name": "salt",
        "cryptoProperties": {
            "assetType": "related-crypto-material", "relatedCryptoMaterialProperties": {"type": "salt"},
        },
    }  # fmt: skip
    found = {one.name: one for one in read(
        certificate, key, tls, salt, algorithm("rsa", "RSA-2048", primitive="pke"),
        algorithm("ecdh", "ECDH-P256", primitive="key-agree"), algorithm("sha", "SHA256withRSA"),
        algorithm("aes", "AES", primitive="ae", parameterSetIdentifier="256"),
        algorithm("new", "ML-DSA", primitive="signature", parameterSetIdentifier="65"),
    )}  # fmt: skip
    assert "salt" not in found and len(found) == 8
    assert (found["leaf"].kind, found["leaf"].algorithm) == ("certificate", "RSA-2048")
    assert found["leaf"].location == "/app/leaf.pem" and found["leaf"].not_after is not None
    assert (found["leaf key"].kind, found["leaf key"].key_bits) == ("key", 2048)
    assert (found["tls"].kind, found["tls"].algorithm) == ("tls_endpoint", "ECDH-P256")
    assert not found["AES"].quantum_vulnerable and found["RSA-2048"].quantum_vulnerable
    assert found["ML-DSA"].algorithm == "ML-DSA-65" and not found["ML-DSA"].quantum_vulnerable
    assert "c2VjcmV0" not in "".join(one.model_dump_json() for one in found.values())


def test_what_1_7_calls_otherwise_is_read():
    """Related assets in the place of references of their own, and the older ones beside them."""
    related = [{"type": "publicKey", "ref": "key"}, {"type": "algorithm", "ref": "sha"}]
    certificate = {
        "name": "leaf", "cryptoProperties": {"assetType": "certificate", "certificateProperties": {
            "serialNumber": "7", "relatedCryptographicAssets": related,
        }},
    }  # fmt: skip
    key = {
        "bom-ref": "key", "name": "leaf key",
        "cryptoProperties": {"assetType": "related-crypto-material", "relatedCryptoMaterialProperties": {
            "type": "public-key", "relatedCryptographicAssets": [{"type": "algorithm", "ref": "rsa"}],
        }},
    }  # fmt: skip
    tls = {
        "name": "tls", "cryptoProperties": {"assetType": "protocol", "protocolProperties": {
            "type": "tls", "relatedCryptographicAssets": [{"type": "algorithm", "ref": "ecdh"}],
        }},
    }  # fmt: skip
    rest = (
        algorithm("rsa", "RSA-2048", primitive="pke"), algorithm("sha", "SHA256withRSA"),
        algorithm("ecdh", "ECDH-P256", primitive="key-agree", ellipticCurve="nist/P-256"),
    )  # fmt: skip
    made = reading.read(bom(certificate, key, tls, *rest, version="1.7"))
    found = {one.name: one.algorithm for one in made.assets}
    assert (found["leaf"], found["leaf key"], found["tls"]) == ("RSA-2048", "RSA-2048", "ECDH-P256")
    with pytest.raises(BadInput, match=r"schema of CycloneDX 1\.6"):
        reading.read(bom(certificate))


@cache
def official(version: str) -> Callable[[str], object]:
    """What the validator of the standard's authors finds wrong; only who asks imports it, for seconds."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    found: Callable[[str], object] = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str
    return found


def test_what_is_written_is_1_7_and_valid_by_its_schema():
    document = writing.write(INVENTORY)
    assert document["specVersion"] == "1.7"
    assert official("1.7")(json.dumps(document)) is None
    assert official("1.6")(json.dumps(document)) is not None


def test_components_within_components_are_read():
    library = {"type": "library", "name": "lib", "components": [
        {"type": "cryptographic-asset", **algorithm("a", "X25519")},
    ]}  # fmt: skip
    made = reading.read({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [library]})
    assert [one.algorithm for one in made.assets] == ["X25519"]


def test_a_key_that_refers_to_itself_is_no_trap():
    key = {
        "bom-ref": "loop", "name": "key", "cryptoProperties": {
            "assetType": "related-crypto-material",
            "relatedCryptoMaterialProperties": {"type": "private-key", "algorithmRef": "loop"},
        },
    }  # fmt: skip
    assert [one.algorithm for one in read(key)] == ["unknown"]


def test_an_asset_that_somebody_has_spoilt_is_an_error_of_its_own():
    spoilt = algorithm("a", "X25519") | {"properties": [{"name": writing.OWN, "value": '{"kind": "spoon"}'}]}
    made = reading.read(bom(spoilt, algorithm("b", "X448")))
    assert [one.error for one in made.errors] == ["this component cannot be read as an asset"]
    assert [one.algorithm for one in made.assets] == ["X448"]


@pytest.mark.parametrize(("document", "field"), [
    ({}, "specVersion"),
    ({"bomFormat": "CycloneDX", "specVersion": "1.5"}, "specVersion"),
    ({"bomFormat": "CycloneDX", "specVersion": ["1.7"]}, "specVersion"),
    (bom({"name": "x", "colour": "secret-colour"}), "components[0]"),
    (bom(*[algorithm(str(n), "X25519") for n in range(70)], {"name": 5}), "components[70].name"),
    (bom(algorithm("a", "X25519"), algorithm("a", "X25519")), "components"),
    (bom(algorithm("a", "X25519", primitive="spell")), PRIMITIVE),
])  # fmt: skip
def test_what_breaks_the_schema_is_refused_with_its_place(document, field):
    with pytest.raises(BadInput) as refused:
        reading.read(document)
    assert refused.value.field == field and "secret-colour" not in str(refused.value)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path into a document."""
    if path:
        yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, inner in entries:
        yield from places(inner, (*path, name))


REFERENCES = {"externalReferences": [{"type": "website", "url": "https://example.org/ü?a=1#b"}]}
WHOLE = json.loads(json.dumps(writing.write(INVENTORY))) | REFERENCES
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, "", "spoon", "1.7", "2026-11-30", "2026-11-30T10:00:00+01:00", "a b%%<>",
    "é", "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "anna@example.org", [], {}, [1, 1], ["a"], {"x": 1},
)  # fmt: skip


@given(st.sampled_from([*places(WHOLE)]), st.sampled_from(ODD), st.booleans())
@settings(max_examples=150)
def test_the_schema_holds_for_what_the_validator_of_cyclonedx_takes(place, odd, added):
    document = copy.deepcopy(WHOLE)
    *way, last = place
    inner = reduce(operator.getitem, way, document)
    if added and isinstance(inner, dict):
        inner["spoon"] = odd
    else:
        inner[last] = odd
    taken = official("1.7")(json.dumps(document)) is None
    with nullcontext() if taken else pytest.raises(BadInput):
        schema.check(document)


def test_half_of_a_surrogate_pair_is_refused():
    with pytest.raises(BadInput, match="surrogate"):
        schema.check(WHOLE | {"serialNumber": "\ud800"})
