"""Certificates as users have them: over the command line, the client and HTTP."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from novacron import Client
from novacron.errors import BadInput, Conflict, NotFound
from tests.acceptance.stack import Stack

CERTIFICATES = "/api/crypto/certificates"
CA = {"basic_constraints": {"ca": True}}
HOST = "web.example.org"
Document = dict[str, Any]


@dataclass(frozen=True)
class Chain:
    """A root, a CA below it and a server's certificate."""

    root: Document
    middle: Document
    leaf: Document


@pytest.fixture
def chain(client: Client) -> Chain:
    root = client.certificates.generate("ML-DSA-87", "CN=Root,O=Example", "10y", extensions=CA)
    middle = client.certificates.generate(
        "ML-DSA-65", {"CN": "Servers", "O": "Example"}, "5y", extensions=CA, issuer=root["certificate_id"]
    )
    names = {"subject_alternative_names": [HOST], "extended_key_usage": ["serverAuth"]}
    leaf = client.certificates.generate(
        "ML-DSA-65", f"CN={HOST}", 90, extensions=names, issuer=middle["certificate_id"]
    )
    return Chain(root, middle, leaf)


def test_a_certificate_is_told_in_full(stack: Stack, client: Client, chain: Chain) -> None:
    leaf = chain.leaf
    found = x509.load_pem_x509_certificate(leaf["certificate"].encode())
    assert f"{found.serial_number:x}" == leaf["serial_number"]
    assert found.fingerprint(hashes.SHA256()).hex() == leaf["fingerprint_sha256"]
    assert found.not_valid_after_utc.isoformat() == leaf["not_after"]
    assert (leaf["subject"], leaf["issuer"]) == (f"CN={HOST}", "CN=Servers,O=Example")
    assert leaf["chain"] == [chain.middle["certificate"], chain.root["certificate"]]
    assert (leaf["algorithm"], leaf["key_usage"]) == ("ML-DSA-65", ["digital_signature"])
    assert client.certificates.get(leaf["certificate_id"]) == leaf
    key = client.keys.get(leaf["key_id"])
    assert key["public_key"] == base64.b64encode(found.public_key().public_bytes_raw()).decode()  # type: ignore[union-attr]
    listed = {one["certificate_id"]: one for one in client.certificates()}
    assert listed[leaf["certificate_id"]]["status"] == "valid"


def test_the_same_idempotency_key_makes_one_certificate(stack: Stack) -> None:
    wanted = {"algorithm": "ML-DSA-44", "subject": "CN=once", "validity_period": {"days": 1}}
    with stack.http() as http:
        made = [
            http.post(f"{CERTIFICATES}/generate", json=wanted, headers=headers)
            for headers in ({"Idempotency-Key": "certificate"}, {"Idempotency-Key": "certificate"}, {})
        ]
    assert [one.status_code for one in made] == [201, 201, 201]
    assert made[0].json() == made[1].json()
    assert made[2].json()["certificate_id"] != made[0].json()["certificate_id"]


def test_bad_input_is_refused_before_and_in_the_worker(client: Client, chain: Chain) -> None:
    with pytest.raises(BadInput, match="RFC 9881, section 5"):
        client.certificates.generate("ML-DSA-65", "CN=x", 1, key_usage=["keyEncipherment"])
    with pytest.raises(BadInput, match="must lie within the issuer's") as late:
        client.certificates.generate("ML-DSA-65", "CN=x", "20y", issuer=chain.root["certificate_id"])
    assert late.value.field == "validity_period"
    with pytest.raises(BadInput, match="is not a CA"):
        client.certificates.generate("ML-DSA-65", "CN=x", 1, issuer=chain.leaf["certificate_id"])
    with pytest.raises(BadInput, match="readable certificate request"):
        client.certificates.sign_request("no request", chain.root["certificate_id"], 1)
    with pytest.raises(Conflict, match="stop trusting it"):
        client.certificates.revoke(chain.root["certificate_id"])


def test_another_tenant_sees_no_certificate(stack: Stack, chain: Chain) -> None:
    with stack.client(stack.new_token("submit", "rivals")) as stranger:
        assert stranger.certificates() == []
        with pytest.raises(NotFound):
            stranger.certificates.get(chain.leaf["certificate_id"])
        with pytest.raises(NotFound):
            stranger.certificates.revoke(chain.leaf["certificate_id"])
        with pytest.raises(NotFound):
            stranger.certificates.generate("ML-DSA-65", "CN=x", 1, issuer=chain.root["certificate_id"])


def question(leaf: Document, issuer: Document) -> bytes:
    parsed = [x509.load_pem_x509_certificate(one["certificate"].encode()) for one in (leaf, issuer)]
    builder = ocsp.OCSPRequestBuilder().add_certificate(parsed[0], parsed[1], hashes.SHA1())
    return builder.build().public_bytes(Encoding.DER)


def test_cas_tell_everybody_about_their_own(stack: Stack, client: Client, chain: Chain) -> None:
    own, others = question(chain.leaf, chain.middle), question(chain.middle, chain.root)
    address = f"{stack.url}{CERTIFICATES}/{chain.middle['certificate_id']}/ocsp"
    with stack.http() as http:
        http.headers.pop("Authorization")
        answer = http.post(address, content=own)
        assert answer.headers["content-type"] == "application/ocsp-response"
        assert ocsp.load_der_ocsp_response(answer.content).certificate_status is ocsp.OCSPCertStatus.GOOD
        by_address = http.get(f"{address}/{quote(base64.b64encode(own).decode(), safe='')}")
        assert by_address.content == answer.content, "it is kept"
        for asked, status in [
            (others, ocsp.OCSPResponseStatus.UNAUTHORIZED),
            (b"no question", ocsp.OCSPResponseStatus.MALFORMED_REQUEST),
        ]:
            refused = ocsp.load_der_ocsp_response(http.post(address, content=asked).content)
            assert refused.response_status is status
        assert http.post(address, content=own + bytes(5000)).status_code == 413
        crl = http.get(f"{CERTIFICATES}/{chain.middle['certificate_id']}/crl")
        assert crl.headers["content-type"] == "application/pkix-crl"
        assert len(x509.load_der_x509_crl(crl.content)) == 0
        client.certificates.revoke(chain.leaf["certificate_id"], reason="key_compromise")
        told = ocsp.load_der_ocsp_response(http.post(address, content=own).content)
        assert told.certificate_status is ocsp.OCSPCertStatus.REVOKED
        newest = x509.load_pem_x509_crl(client.certificates.crl(chain.middle["certificate_id"]).encode())
        assert [f"{one.serial_number:x}" for one in newest] == [chain.leaf["serial_number"]]
        assert http.get(f"{CERTIFICATES}/{chain.leaf['certificate_id']}/crl").status_code == 404
        assert http.get(CERTIFICATES).status_code == 401


def test_the_command_line_does_what_the_api_does(stack: Stack, tmp_path: Path) -> None:
    root, web, key = (str(tmp_path / name) for name in ("root.pem", "web.pem", "web.key"))
    command = ("crypto", "certificates")
    top = stack.document(
        *command, "generate", "ML-DSA-65", "--subject", "CN=Root", "--days", "10y", "--ca", "-o", root
    )["certificate_id"]
    assert stack.run("crypto", "keyfile", "ML-DSA-65", "-o", key).returncode == 0
    asked = stack.run("crypto", "csr", key, "--subject", f"CN={HOST}", "--name", HOST).stdout
    (tmp_path / "web.csr").write_text(asked)
    made = stack.document(
        *command, "generate", "--csr", str(tmp_path / "web.csr"), "--issuer", top, "--days", "12h", "-o", web
    )
    assert (made["key_id"], made["subject_alternative_names"]) == (None, [f"dns:{HOST}"])
    assert HOST in stack.run(*command, "list").stdout
    assert stack.document(*command, "show", made["certificate_id"]) == made
    good = stack.run(*command, "verify", web, "--root", root, "--name", HOST)
    assert (good.returncode, good.stdout) == (0, f"good: CN={HOST} <- CN=Root\n")
    wrong = stack.run(*command, "verify", web, "--root", root, "--name", "example.com")
    assert wrong.returncode == 1 and "no matching subjectAltName" in wrong.stderr
    stack.document(*command, "revoke", made["certificate_id"], "--reason", "superseded")
    crl = tmp_path / "root.crl"
    crl.write_text(stack.run(*command, "crl", top).stdout)
    revoked = stack.document(*command, "verify", web, "--root", root, "--crl", str(crl), status=1)
    assert not revoked["valid"] and "was revoked on" in revoked["reasons"][0]
    assert "certificate.revoke" in stack.run("crypto", "audit", "list").stdout


def test_two_certificates_for_a_server_that_offers_both(client: Client, chain: Chain) -> None:
    classical = client.certificates.generate("ECDSA-P256", "CN=Classical root", "10y", extensions=CA)
    made = client.certificates.generate(
        "ML-DSA-65", f"CN={HOST}", 90, issuer=chain.middle["certificate_id"],
        extensions={"subject_alternative_names": [HOST]},
        companion={"algorithm": "ECDSA-P256", "issuer": classical["certificate_id"]},
    )  # fmt: skip
    second = made["companion"]
    assert (second["algorithm"], second["companion_of"]) == ("ECDSA-P256", made["certificate_id"])
    assert second["chain"] == [classical["certificate"]]
    shared = ("subject", "subject_alternative_names", "not_before", "not_after")
    assert [made[one] for one in shared] == [second[one] for one in shared]
