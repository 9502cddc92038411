"""What CAs say about revocation, in a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from novacron.crypto.pki import verify
from novacron.errors import BadInput, Conflict, NotFound
from shared.db.crypto import certificates, keys
from workers.crypto.pki.register import Register
from workers.crypto.pki.revocation import VALID

from .test_authority import actions, n_rows, root, wanted


@pytest.fixture
def top(authority):
    return root(authority)


@pytest.fixture
def register(authority):
    return Register(authority)


def issued(authority, top):
    return authority.generate(wanted(issuer=top))[0]


def serials(statement):
    return {one.serial_number for one in x509.load_der_x509_crl(statement.der)}


def number(statement):
    crl = x509.load_der_x509_crl(statement.der)
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def age(authority, table):
    """Let half of their time pass for what is kept."""
    authority.connection.execute(
        f"UPDATE {table} SET made_at = made_at - %s, next_update = next_update - %s", (VALID * 0.6,) * 2
    )


def test_a_revoked_certificate_is_in_the_list_at_once(authority, register, top):
    leaf, other = issued(authority, top), issued(authority, top)
    assert serials(register.crl(top)) == set()
    told = register.revoke(leaf.certificate_id, "key_compromise")
    assert (told.status, told.revocation_reason) == ("revoked", "key_compromise")
    crl = register.crl(top)
    assert (serials(crl), number(crl)) == ({leaf.x509.serial_number}, 2)
    parsed = [x509.load_der_x509_crl(crl.der)]
    trusted = [authority.certificate(top).x509]
    # The list speaks of whole seconds: one made in this second holds from its beginning on.
    now = datetime.now(UTC)
    assert not verify(leaf.x509, [], trusted, at=now, crls=parsed).valid
    assert verify(other.x509, [], trusted, at=now, crls=parsed).valid
    assert actions(authority)[-1] == ("certificate.revoke", leaf.certificate_id)


def test_revoking_again_does_nothing_and_for_another_reason_is_refused(authority, register, top):
    leaf = issued(authority, top)
    first = register.revoke(leaf.certificate_id, "superseded")
    before = n_rows(authority)
    assert register.revoke(leaf.certificate_id, "superseded") == first
    with pytest.raises(Conflict, match="revoked before, as superseded"):
        register.revoke(leaf.certificate_id, "key_compromise")
    assert n_rows(authority) == before


def test_a_root_is_not_revoked(register, top):
    with pytest.raises(Conflict, match="stop trusting it"):
        register.revoke(top, "ca_compromise")


def test_a_revocation_that_cannot_be_published_does_not_happen(authority, register, top):
    leaf = issued(authority, top)
    key_id = authority.certificate(top).key_id
    keys.retire(authority.connection, authority.tenant_id, key_id)
    keys.destroy(authority.connection, authority.tenant_id, key_id)
    with pytest.raises(Conflict, match="destroyed"):
        register.revoke(leaf.certificate_id, "superseded")
    assert authority.certificate(leaf.certificate_id).status == "valid"


def test_a_list_is_kept_until_half_of_its_time_has_passed(authority, register, top):
    first = register.crl(top)
    assert register.crl(top) == first
    age(authority, "crls")
    again = register.crl(top)
    assert (number(first), number(again)) == (1, 2)
    with pytest.raises(BadInput, match="is not a CA"):
        register.crl(issued(authority, top).certificate_id)


def test_an_expired_certificate_leaves_the_list(authority, register, top):
    leaf = issued(authority, top)
    register.revoke(leaf.certificate_id, "superseded")
    authority.connection.execute(
        "UPDATE certificates SET not_after = now() - interval '30 days' WHERE id = %s", (leaf.certificate_id,)
    )
    age(authority, "crls")
    assert serials(register.crl(top)) == set()


def test_revocations_at_once_are_all_in_the_last_list(authorities, authority, top):
    leaves = [issued(authority, top) for _ in range(4)]
    start = Barrier(4)

    def revoke(pair):
        start.wait()
        Register(pair[0]).revoke(pair[1].certificate_id, "superseded")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(revoke, [(authorities(), leaf) for leaf in leaves]))
    crl = Register(authority).crl(top)
    assert (number(crl), serials(crl)) == (4, {leaf.x509.serial_number for leaf in leaves})


def test_a_response_is_kept_and_forgotten_at_revocation(authority, register, top):
    leaf = issued(authority, top)
    good = register.ocsp_response(leaf.certificate_id, "sha256")
    assert register.ocsp_response(leaf.certificate_id, "sha256") == good
    assert ocsp.load_der_ocsp_response(good.der).certificate_status is ocsp.OCSPCertStatus.GOOD
    age(authority, "ocsp_responses")
    assert register.ocsp_response(leaf.certificate_id, "sha256").der != good.der
    register.revoke(leaf.certificate_id, "cessation_of_operation")
    assert certificates.response(authority.connection, leaf.certificate_id, "sha256") is None
    told = ocsp.load_der_ocsp_response(register.ocsp_response(leaf.certificate_id, "sha256").der)
    assert told.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert told.revocation_reason is x509.ReasonFlags.cessation_of_operation
    with pytest.raises(NotFound, match="signed by its own key"):
        register.ocsp_response(top, "sha1")
