"""Certification authorities in a real database: issuing, once and whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from novacron.crypto.pki import make_request, verify
from novacron.errors import BadInput, Conflict, NotFound
from novacron.specs.crypto.certificates import GenerateCertificate, SignCertificateRequest
from shared.db.crypto import keys
from workers.crypto.pki.register import Register

CA = {"basic_constraints": {"ca": True}}


def wanted(subject="CN=web", algorithm="ML-DSA-65", **more):
    return GenerateCertificate(subject=subject, algorithm=algorithm, **{"validity_period": "90d", **more})


def root(authority, algorithm="ML-DSA-65", **more):
    made = wanted("CN=root", algorithm, validity_period="10y", extensions=CA, **more)
    return authority.generate(made)[0].certificate_id


def asked(issuer, private=None, subject="CN=shop", names=("shop.example.org",), **more):
    csr = make_request(private or ec.generate_private_key(ec.SECP256R1()), subject, names)
    return SignCertificateRequest(csr=csr, issuer=issuer, **{"validity_period": "90d", **more})


def n_rows(authority):
    """Rows of the tenant, and of revocation lists."""
    counts = (
        f"SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s"
        for table in ("keys", "certificates", "audit_log")
    )
    lists = (
        "SELECT count(*) FROM crls c JOIN certificates i ON i.id = c.issuer_id WHERE tenant_id = %(tenant)s"
    )
    values = {"tenant": authority.tenant_id}
    return [authority.connection.execute(one, values).fetchone()[0] for one in (*counts, lists)]


def actions(authority):
    """What the log has on certificates."""
    rows = authority.connection.execute(
        "SELECT action, subject FROM audit_log WHERE tenant_id = %s AND action LIKE 'cert%%' ORDER BY seq",
        (authority.tenant_id,),
    )
    return rows.fetchall()


def test_a_chain_is_issued_and_holds(authority):
    top = root(authority, "ML-DSA-87")
    middle = authority.generate(wanted("CN=middle", issuer=top, validity_period="5y", extensions=CA))[0]
    (leaf,) = authority.generate(wanted(issuer=middle.certificate_id))
    above = authority.chain(leaf)
    assert [one.certificate_id for one in above] == [middle.certificate_id, top]
    verdict = verify(leaf.x509, [above[0].x509], [above[1].x509])
    assert verdict.valid, verdict.reasons
    issued = (top, middle.certificate_id, leaf.certificate_id)
    assert actions(authority) == [("certificate.issue", one) for one in issued]
    key = authority.store.key(leaf.key_id)
    document = leaf.document(above)
    assert (document["key_id"], document["key_version"], key.usage) == (key.key_id, 1, "sign")
    assert document["key_usage"] == ["digital_signature"] and document["status"] == "valid"


def test_a_request_is_issued_for_a_key_that_is_elsewhere(authority):
    top, private = root(authority), ec.generate_private_key(ec.SECP256R1())
    made = authority.sign_request(asked(top, private))
    assert made.x509.public_key() == private.public_key()
    document = made.document([])
    assert (document["key_id"], document["subject"]) == (None, "CN=shop")
    assert document["subject_alternative_names"] == ["dns:shop.example.org"]
    named = authority.sign_request(
        asked(top, subject="CN=other", extensions={"subject_alternative_names": ["a.example"]})
    )
    assert named.document([])["subject_alternative_names"] == ["dns:a.example"]


def test_a_request_for_more_than_its_algorithm_is_refused(authority):
    top = root(authority)
    with pytest.raises(BadInput, match="RFC 5480") as refused:
        authority.sign_request(asked(top, key_usage=("keyEncipherment",)))
    assert refused.value.field == "key_usage"
    with pytest.raises(BadInput) as broken:
        authority.sign_request(SignCertificateRequest(csr="no request", issuer=top, validity_period="1d"))
    assert broken.value.field == "csr"


def test_the_same_act_twice_is_one(authority):
    top = root(authority)
    companion = {"algorithm": "ECDSA-P256"}
    first = authority.generate(wanted(issuer=top, companion=companion), "job/task")
    before = n_rows(authority)
    assert authority.generate(wanted(issuer=top, companion=companion), "job/task") == first
    assert n_rows(authority) == before
    assert [one.algorithm for one in first] == ["ML-DSA-65", "ECDSA-P256"]
    assert first[1].companion_of == first[0].certificate_id
    assert first[0].x509.subject == first[1].x509.subject


def test_two_attempts_at_once_are_one(authorities):
    first, second = authorities(), authorities()
    top, start = root(first), Barrier(2)

    def attempt(authority):
        start.wait()
        return authority.generate(wanted(issuer=top), "other/task")[0].certificate_id

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(attempt, (first, second)))) == 1
    assert n_rows(first)[:2] == [3, 2], "the third key signs the audit log"


@pytest.mark.parametrize("more", [
    {"validity_period": "20y"}, {"companion": {"algorithm": "ECDSA-P256", "issuer": "cert_" + "0" * 26}},
    {"validity_period": {"not_after": "2020-01-01"}}, {"issuer": "cert_" + "0" * 26},
])  # fmt: skip
def test_what_is_refused_leaves_nothing(authority, more):
    top = root(authority)
    before = n_rows(authority)
    with pytest.raises((BadInput, NotFound)):
        authority.generate(wanted(**{"issuer": top, **more}))
    assert n_rows(authority) == before


def test_a_period_that_has_passed_is_refused_without_an_issuer_too(authority):
    with pytest.raises(BadInput, match="must end after it begins"):
        authority.generate(wanted(validity_period={"not_after": "2020-01-01"}))
    with pytest.raises(BadInput, match="before the year 10000"):
        authority.generate(wanted(validity_period={"not_before": "9999-01-01", "days": 1000}))


def test_what_is_somebody_elses_is_not_there(authorities):
    one, two = authorities("one"), authorities("two")
    top = root(one)
    with pytest.raises(NotFound):
        two.certificate(top)
    with pytest.raises(NotFound):
        two.generate(wanted(issuer=top))
    with pytest.raises(NotFound):
        Register(two).revoke(top, "superseded")
    with pytest.raises(NotFound):
        Register(two).crl(top)


def test_only_a_ca_of_the_store_that_may_still_sign_issues(authority):
    top = root(authority)
    (leaf,) = authority.generate(wanted(issuer=top))
    with pytest.raises(BadInput, match="is not a CA"):
        authority.generate(wanted(issuer=leaf.certificate_id))
    below = authority.generate(wanted("CN=below", issuer=top, validity_period="900d", extensions=CA))[0]
    Register(authority).revoke(below.certificate_id, "ca_compromise")
    with pytest.raises(Conflict, match="is revoked"):
        authority.generate(wanted(issuer=below.certificate_id))
    keys.retire(authority.connection, authority.tenant_id, authority.certificate(top).key_id)
    with pytest.raises(Conflict, match="retired"):
        authority.generate(wanted(issuer=top))


def test_a_kem_certificate_is_issued_for_a_key_that_decapsulates(authority):
    top = root(authority)
    (made,) = authority.generate(wanted(algorithm="ML-KEM-768", issuer=top))
    assert made.document([])["key_usage"] == ["key_encipherment"]
    assert authority.store.key(made.key_id).usage == "decapsulate"
    assert verify(made.x509, [], [authority.certificate(top).x509]).valid
