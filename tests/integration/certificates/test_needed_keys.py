"""The key of a CA, or of a certificate, is neither rotated nor retired nor erased while that needs it."""

from threading import Thread

import pytest
from cryptography import x509

from novacron.errors import Conflict
from novacron.specs.crypto.certificates import GenerateCertificate
from shared.db.crypto import audit
from workers.crypto.keys.guard import Guard
from workers.crypto.pki.register import Register

CA = {"basic_constraints": {"ca": True}}


def made(authority, subject, issuer=None, *, days=100, **more):
    wanted = GenerateCertificate.model_validate(
        {"algorithm": "ML-DSA-44", "subject": subject, "issuer": issuer, "validity_period": {"days": days}}
        | more
    )
    return authority.generate(wanted)[0]


@pytest.fixture
def root(authority):
    return made(authority, "CN=root", days=400, extensions=CA)


@pytest.fixture
def leaf(authority, root):
    return made(authority, "CN=leaf", root.certificate_id)


def refused(act, certificate, *more):
    with pytest.raises(Conflict) as refusal:
        act(certificate.key_id, *more)
    return str(refusal.value)


@pytest.mark.parametrize("act", ["rotate", "retire"])
def test_a_ca_with_valid_certificates_keeps_its_key(authority, root, leaf, act):
    why = refused(getattr(authority.store, act), root)
    assert f"certificate {root.certificate_id} is the CA CN=root: 1 of its certificates is valid" in why
    Register(authority).crl(root.certificate_id)
    made(authority, "CN=other", root.certificate_id)
    Register(authority).revoke(leaf.certificate_id, "key_compromise")


def test_a_ca_signs_its_list_until_what_it_revoked_has_ended(authority, root, leaf):
    register, connection = Register(authority), authority.connection
    register.revoke(leaf.certificate_id, "key_compromise")
    assert authority.store.retire(root.key_id).state == "retired"
    connection.execute("DELETE FROM crls")
    assert x509.load_der_x509_crl(register.crl(root.certificate_id).der).is_signature_valid(
        root.x509.public_key()
    )
    assert register.ocsp_response(leaf.certificate_id, "sha256").der
    with pytest.raises(Conflict, match="is retired"):
        made(authority, "CN=late", root.certificate_id)
    why = refused(authority.store.destroy, root)
    assert "its list of 1 revoked certificates is due until" in why
    connection.execute("UPDATE certificates SET not_after = now() WHERE id = %s", (leaf.certificate_id,))
    assert authority.store.destroy(root.key_id).state == "destroyed"


def test_a_ca_without_certificates_may_end_but_no_later_version_could_sign_for_it(authority, root):
    assert "no later one" in refused(authority.store.rotate, root)
    assert authority.store.retire(root.key_id).state == "retired"


def test_a_certificate_keeps_its_key_until_it_is_revoked(authority, root, leaf):
    for act in (authority.store.rotate, authority.store.retire):
        assert f"certificate {leaf.certificate_id} is of CN=leaf" in refused(act, leaf)
    Register(authority).revoke(leaf.certificate_id, "cessation_of_operation")
    assert authority.store.rotate(leaf.key_id).version == 2


def test_an_intermediate_counts_and_frees_its_key_when_revoked(authority, root):
    between = made(authority, "CN=between", root.certificate_id, extensions=CA)
    leaf = made(authority, "CN=leaf", between.certificate_id, days=50)
    assert "1 of its certificates is valid" in refused(authority.store.retire, root)
    assert leaf.key_id and "CN=between" in refused(authority.store.retire, between)
    Register(authority).revoke(between.certificate_id, "ca_compromise")
    assert authority.store.retire(between.key_id).state == "retired"


def test_the_certificates_of_other_tenants_are_nothing_to_it(authorities, authority, root, leaf):
    other = authorities("two")
    key = other.store.generate("ML-DSA-44")
    assert other.store.retire(key.key_id).state == "retired"


def test_what_is_given_up_is_in_the_audit_log(authority, root, leaf):
    authority.store._guard = Guard(abandoned=frozenset({root.certificate_id}))
    assert authority.store.retire(root.key_id).state == "retired"
    last = [
        one
        for one in audit.entries(authority.connection, authority.tenant_id)
        if one["action"] == "key.retire"
    ]
    assert last[-1]["details"] == {"abandoned": [root.certificate_id]}


def test_no_later_version_is_forced_upon_a_ca(authority, root, leaf):
    authority.store._guard = Guard(abandoned=frozenset({root.certificate_id}))
    assert "is the CA CN=root" in refused(authority.store.rotate, root)
    assert [one.name for one in authority.store.needs(root.key_id, "rotate")] == [root.certificate_id]
    assert authority.store.needs(root.key_id, "retire") == []


def test_needs_and_uses_are_told_without_changing_anything(authority, root, leaf):
    Register(authority).crl(root.certificate_id)
    (need,) = authority.store.needs(root.key_id, "retire")
    assert (need.kind, need.name) == ("certificate", root.certificate_id)
    told = {one.what: (one.count, one.where) for one in authority.store.uses(root.key_id)}
    where = f"as CN=root ({root.certificate_id})"
    assert told == {"issued certificates": (1, where), "signed revocation lists": (1, where)}
    assert authority.store.key(root.key_id).state == "active"


def test_whoever_issues_and_whoever_retires_go_one_after_the_other(authorities, authority, root):
    """The retiring one waits for the certificate that is being issued, and then sees it."""
    other = authorities()
    told = []

    def retire():
        try:
            told.append(other.store.retire(root.key_id).state)
        except Conflict as error:
            told.append(str(error))

    thread = Thread(target=retire)
    with authority.connection.transaction():
        made(authority, "CN=leaf", root.certificate_id)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "it waits"
    thread.join(30)
    assert "1 of its certificates is valid" in told[0]
