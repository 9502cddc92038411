"""Contexts, without a network: two ends of a connection hand each other their bytes."""

import gc

import pytest

from novacron.errors import BadInput, InsecureConnection
from novacron.tls import contexts
from novacron.tls.channel import Channel
from novacron.tls.contexts import Context
from novacron.tls.groups import MODES, Mode
from scheduler.embedded import certificates


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("tls") / "tls"
    certificates.ensure(made)
    return made


def pairs(folder, *names):
    return [(folder / f"{name}.pem", folder / f"{name}.key") for name in names]


def ends(folder, server_name="localhost"):
    server, client = Context(MODES["hybrid"]), Context(MODES["hybrid"])
    server.present(pairs(folder, "ml-dsa-65", "ecdsa-p256"))
    client.trust(folder / certificates.ROOTS)
    return client.connect(server_name), server.accept()


def carry(sender: Channel, receiver: Channel) -> None:
    if waiting := sender.to_send():
        receiver.receive(waiting)


def shake_hands(client: Channel, server: Channel) -> None:
    client.advance()
    carry(client, server)
    server.advance()
    carry(server, client)
    client.advance()
    carry(client, server)
    server.advance()


def test_bytes_go_both_ways_and_the_end_is_told(folder):
    client, server = ends(folder)
    shake_hands(client, server)
    assert client.handshake == server.handshake
    assert str(client.handshake) == "TLSv1.3, X25519MLKEM768 (post-quantum), mldsa65"
    client.write(b"question")
    server.receive(client.to_send())
    assert server.read() == b"question"
    server.write(b"answer")
    server.close()
    client.receive(server.to_send())
    assert client.read() == b"answer"
    assert client.ended and not server.ended


def test_what_was_agreed_stays_when_asked_again(folder):
    client, server = ends(folder)
    shake_hands(client, server)
    agreed = client.handshake
    assert client.advance() and client.handshake is agreed


def test_connections_outlive_their_contexts(folder):
    """OpenSSL calls back into Python during the handshake, when nobody holds the context any more."""
    client, server = ends(folder)
    gc.collect()
    shake_hands(client, server)
    assert client.handshake.signature == "mldsa65"


def test_the_chain_and_the_verdict(folder):
    client, server = ends(folder)
    shake_hands(client, server)
    assert client.verdict() is None
    assert len(client.chain()) == 1


def test_a_name_that_is_not_in_the_certificate(folder):
    client, server = ends(folder, "example.org")
    with pytest.raises(InsecureConnection, match="hostname mismatch"):
        shake_hands(client, server)


@pytest.mark.parametrize("name", ["", "a" * 64 + ".org"])
def test_a_name_that_no_certificate_can_have(name):
    with pytest.raises(BadInput):
        Context(MODES["hybrid"]).connect(name)


@pytest.mark.parametrize(
    ("mode", "what"),
    [(Mode("X25519MLKEM9", "mldsa65"), "groups"), (Mode("X25519", "mldsa66"), "signature schemes")],
)
def test_names_that_openssl_does_not_know(mode, what):
    with pytest.raises(BadInput, match=f"does not know all of these {what}"):
        Context(mode)


def test_a_pyopenssl_that_has_moved_on(monkeypatch):
    monkeypatch.setattr(contexts, "PRIVATE", (*contexts.PRIVATE, "SSL_CTX_that_is_gone"))
    with pytest.raises(BadInput, match="no SSL_CTX_that_is_gone"):
        Context(MODES["hybrid"])


def test_a_key_of_another_certificate(folder):
    with pytest.raises(BadInput, match=r"no certificate chain with ecdsa-p256\.key as its key"):
        Context(MODES["hybrid"]).present([(folder / "ml-dsa-65.pem", folder / "ecdsa-p256.key")])


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(BadInput, match="no certificate chain"):
        Context(MODES["hybrid"]).present(pairs(tmp_path, "none"))
    with pytest.raises(BadInput, match="no certificates can be read here"):
        Context(MODES["hybrid"]).trust(tmp_path / "ca.pem")
