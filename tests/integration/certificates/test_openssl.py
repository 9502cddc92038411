"""What is issued here, as the command line of OpenSSL 3.5 sees it."""

import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from novacron.crypto import PrivateKey
from novacron.crypto.pki import make_request
from testing import programs
from testing.patience import PATIENCE_S
from workers.crypto.pki.register import Register

from .test_authority import CA, root, wanted


@pytest.fixture
def openssl():
    path = programs.find("openssl")
    assert path is not None, programs.WHY

    def said(*arguments):
        done = subprocess.run(
            [path, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return said


@pytest.mark.parametrize(("top", "between", "leaf"), [
    ("ML-DSA-87", "ML-DSA-65", "ML-DSA-44"), ("ML-DSA-65", "ML-DSA-44", "ECDSA-P256"),
    ("ECDSA-P384", "ML-DSA-87", "ML-KEM-768"),
])  # fmt: skip
def test_chains_lists_and_responses_are_accepted(authority, openssl, tmp_path, top, between, leaf):
    issuer = root(authority, top)
    middle = authority.generate(
        wanted("CN=CA", between, issuer=issuer, validity_period="900d", extensions=CA)
    )[0]
    made = authority.generate(wanted(algorithm=leaf, issuer=middle.certificate_id))[0]
    files = {}
    for name, one in (("root", authority.certificate(issuer)), ("ca", middle), ("leaf", made)):
        files[name] = tmp_path / f"{name}.pem"
        files[name].write_text(one.pem)
    trusted = ("-CAfile", files["root"], "-untrusted", files["ca"])
    assert "leaf.pem: OK" in openssl("verify", "-x509_strict", *trusted, files["leaf"])

    register, answer = Register(authority), tmp_path / "answer.der"
    asked = ("ocsp", "-sha256", "-issuer", files["ca"], "-cert", files["leaf"], "-respin", answer)
    answer.write_bytes(register.ocsp_response(made.certificate_id, "sha256").der)
    assert "good" in openssl(*asked, "-CAfile", files["root"])
    register.revoke(made.certificate_id, "key_compromise")
    answer.write_bytes(register.ocsp_response(made.certificate_id, "sha256").der)
    told = openssl(*asked, "-CAfile", files["root"])
    assert "Response verify OK" in told and "Reason: keyCompromise" in told

    crl = x509.load_der_x509_crl(register.crl(middle.certificate_id).der)
    (tmp_path / "ca.crl").write_bytes(crl.public_bytes(Encoding.PEM))
    assert "verify OK" in openssl("crl", "-in", tmp_path / "ca.crl", "-CAfile", files["ca"], "-noout")


@pytest.mark.parametrize("algorithm", ["ML-DSA-65", "ECDSA-P256"])
def test_requests_are_accepted(openssl, tmp_path, algorithm):
    request = tmp_path / "web.csr"
    request.write_text(make_request(PrivateKey.generate(algorithm).components[0], "CN=web", ["web.example"]))
    assert "verify OK" in openssl("req", "-in", request, "-verify", "-noout")
