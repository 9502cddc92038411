"""What is told of a handshake."""

from novacron.tls.groups import group_name
from novacron.tls.handshake import Handshake


def test_post_quantum():
    handshake = Handshake("TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519MLKEM768", "ecdsa_secp256r1_sha256")
    assert handshake.pq and not handshake.pq_signature
    assert handshake.document() == {
        "version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "group": "X25519MLKEM768",
        "signature": "ecdsa_secp256r1_sha256", "pq": True, "pq_signature": False,
    }  # fmt: skip
    assert str(handshake) == "TLSv1.3, X25519MLKEM768 (post-quantum), ecdsa_secp256r1_sha256"


def test_classical_and_unknown():
    assert "X25519 (classical)" in str(Handshake("TLSv1.3", "", "X25519", "ed25519"))
    unknown = Handshake("TLSv1.3", "", None, None)
    assert not unknown.pq and str(unknown) == "TLSv1.3, group unknown"


def test_spelling_of_groups():
    assert group_name("x25519") == "X25519"
    assert group_name("x25519mlkem768") == "X25519MLKEM768"
    assert group_name("ffdhe2048") == "ffdhe2048"
    assert group_name(None) == "RSA"
