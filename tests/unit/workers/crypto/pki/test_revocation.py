"""Revocation lists and OCSP responses, read by a second implementation where it has one."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.x509 import ocsp

from tests.unit.novacron.crypto.pki.family import NOW, family
from workers.crypto.pki.revocation import HASHES, VALID, Revocation, make_crl, make_ocsp_response

REASONS = ["unspecified", "key_compromise", "ca_compromise", "affiliation_changed", "superseded",
           "cessation_of_operation", "privilege_withdrawn"]  # fmt: skip
ML_DSA = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
ALGORITHMS = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ECDSA-P256", "ECDSA-P384"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_list_says_what_is_revoked_and_is_signed_by_its_ca(algorithm):
    made = family(middle=algorithm)
    revoked = [Revocation(1000 + at, NOW, reason) for at, reason in enumerate(REASONS)]
    crl = make_crl(made.middle, revoked, 7, NOW)
    assert crl.is_signature_valid(made.middle.private.public_key())
    assert not crl.is_signature_valid(made.root.private.public_key())
    assert (crl.issuer, crl.last_update_utc) == (made.middle.certificate.subject, NOW)
    assert crl.next_update_utc == NOW + VALID
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    above = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    below = made.middle.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert above.key_identifier == below.digest
    assert [one.serial_number for one in crl] == [one.serial for one in revoked]
    told = [[ext.value.reason.name for ext in one.extensions] for one in crl]
    assert told == [[], *[[reason] for reason in REASONS[1:]]]


@pytest.mark.parametrize("hash_name", HASHES)
def test_a_response_is_about_the_certificate_that_was_asked_for(hash_name):
    made = family()
    good = make_ocsp_response(made.leaf, made.middle, None, hash_name, NOW)
    question = ocsp.OCSPRequestBuilder().add_certificate(
        made.leaf, made.middle.certificate, HASHES[hash_name]()
    ).build()  # fmt: skip
    assert good.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    assert (good.serial_number, good.certificate_status) == (
        made.leaf.serial_number,
        ocsp.OCSPCertStatus.GOOD,
    )
    assert good.issuer_key_hash == question.issuer_key_hash
    assert good.issuer_name_hash == question.issuer_name_hash
    assert (good.this_update_utc, good.next_update_utc) == (NOW, NOW + VALID)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_response_is_signed_by_the_ca_and_says_why(algorithm):
    made = family(middle=algorithm)
    revoked = Revocation(made.leaf.serial_number, NOW - timedelta(days=1), "key_compromise")
    response = make_ocsp_response(made.leaf, made.middle, revoked, "sha256", NOW)
    assert response.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert response.revocation_time_utc == revoked.at
    assert response.revocation_reason is x509.ReasonFlags.key_compromise
    public = made.middle.certificate.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        assert response.signature_hash_algorithm is not None
        public.verify(
            response.signature, response.tbs_response_bytes, ec.ECDSA(response.signature_hash_algorithm)
        )
    else:
        assert isinstance(public, ML_DSA)
        public.verify(response.signature, response.tbs_response_bytes)
