"""Full TLS 1.3 handshakes in memory, both ends in one thread, compared with pyOpenSSL alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from OpenSSL import SSL

from benchmarks.crypto.turns import Race
from novacron.tls.channel import Channel
from novacron.tls.contexts import Context
from novacron.tls.groups import Mode

HOST = "localhost"
MODES = {
    "classical": (Mode("X25519", "ecdsa_secp256r1_sha256"), "ecdsa"),
    "hybrid": (Mode("X25519MLKEM768", "ecdsa_secp256r1_sha256"), "ecdsa"),
    "hybrid, ML-DSA-65": (Mode("X25519MLKEM768", "mldsa65"), "mldsa"),
    "post-quantum, ML-DSA-65": (Mode("MLKEM1024", "mldsa65"), "mldsa"),
}


def races() -> Iterator[Race]:
    """Yield a handshake in each mode."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        _certify(folder, "ecdsa", ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        _certify(folder, "mldsa", mldsa.MLDSA65PrivateKey.generate(), None)
        for name, (mode, identity) in MODES.items():
            chain, key = folder / f"{identity}.pem", folder / f"{identity}.key"
            yield Race(f"TLS 1.3, {name}", "handshake", _own(mode, chain, key), _bare(mode, chain, key))


def _own(mode: Mode, chain: Path, key: Path) -> Callable[[], None]:
    server, client = Context(mode), Context(mode)
    server.present([(chain, key)])
    client.trust(chain)

    def shake() -> None:
        near, far = client.connect(HOST), server.accept()
        while not (near.advance() & far.advance()):
            _pass(near, far)
            _pass(far, near)
        _pass(near, far)
        near.close()
        far.close()

    return shake


def _bare(mode: Mode, chain: Path, key: Path) -> Callable[[], None]:
    library: Any = vars(SSL)["_lib"]
    server, client = SSL.Context(SSL.TLS_METHOD), SSL.Context(SSL.TLS_METHOD)
    for context in (server, client):
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.set_options(SSL.OP_NO_TICKET)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        library.SSL_CTX_set1_curves_list(vars(context)["_context"], mode.groups.encode())
        library.SSL_CTX_set1_sigalgs_list(vars(context)["_context"], mode.signatures.encode())
    server.use_certificate_chain_file(str(chain))
    server.use_privatekey_file(str(key))
    client.set_verify(SSL.VERIFY_PEER)
    client.load_verify_locations(str(chain))

    def shake() -> None:
        near, far = SSL.Connection(client, None), SSL.Connection(server, None)
        near.set_connect_state()
        far.set_accept_state()
        near.set_tlsext_host_name(HOST.encode())
        wanted = library.SSL_get0_param(vars(near)["_ssl"])
        library.X509_VERIFY_PARAM_set1_host(wanted, HOST.encode(), len(HOST))
        while not (_done(near) & _done(far)):
            _carry(near, far)
            _carry(far, near)
        _carry(near, far)
        near.shutdown()
        far.shutdown()

    return shake


def _pass(source: Channel, target: Channel) -> None:
    if data := source.to_send():
        target.receive(data)


def _done(end: SSL.Connection) -> bool:
    try:
        end.do_handshake()
    except SSL.WantReadError:
        return False
    return True


def _carry(source: SSL.Connection, target: SSL.Connection) -> None:
    try:
        target.bio_write(source.bio_read(65536))
    except SSL.WantReadError:
        pass


def _certify(folder: Path, name: str, private: Any, digest: hashes.SHA256 | None) -> None:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, digest)
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(encoding.Encoding.PEM))
    form = (encoding.Encoding.PEM, encoding.PrivateFormat.PKCS8, encoding.NoEncryption())
    (folder / f"{name}.key").write_bytes(private.private_bytes(*form))
