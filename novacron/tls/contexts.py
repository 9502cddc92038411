"""pyOpenSSL contexts with selected groups and signature schemes."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from OpenSSL import SSL

from novacron.errors import BadInput
from novacron.tls import signature
from novacron.tls.channel import Channel
from novacron.tls.groups import Mode

# pyOpenSSL has no public API for these functions: they are checked before use.
PRIVATE = (
    "SSL_CTX_set1_curves_list",
    "SSL_CTX_set1_sigalgs_list",
    "SSL_CTX_set_msg_callback",
    "SSL_get0_param",
    "SSL_get_verify_result",
    "X509_VERIFY_PARAM_set1_host",
    "X509_VERIFY_PARAM_set1_ip",
    "X509_VERIFY_PARAM_set_hostflags",
    "X509_verify_cert_error_string",
)
_lib: Any = getattr(SSL, "_lib", None)


class Context:
    """TLS settings of one side, for any number of connections.

    Args:
        mode: groups and signature schemes.
        minimum: minimum version of the protocol.

    Raises:
        BadInput: this version of pyOpenSSL lacks the functions, or one of the names is unknown.
    """

    def __init__(self, mode: Mode, minimum: int = SSL.TLS1_3_VERSION) -> None:
        if lacking := [name for name in PRIVATE if not hasattr(_lib, name)]:
            raise BadInput(
                f"this version of pyOpenSSL has no {lacking[0]}: the group cannot be chosen or read",
                hint="pip install 'pyopenssl>=26.4' 'cryptography>=50'",
            )
        self.openssl = SSL.Context(SSL.TLS_METHOD)
        self.openssl.set_min_proto_version(minimum)
        # Full handshakes only, so that each authenticates the server and can be inspected; our preference
        # order, not the peer's.
        self.openssl.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        self.openssl.set_options(SSL.OP_NO_TICKET | SSL.OP_CIPHER_SERVER_PREFERENCE)
        self._choose("SSL_CTX_set1_curves_list", "groups", mode.groups)
        self._choose("SSL_CTX_set1_sigalgs_list", "signature schemes", mode.signatures)
        signature.watch(self.openssl)

    def trust(self, ca_file: str | Path | None) -> None:
        """Trust only chains that end in one of these root certificates (None: those of the system).

        Raises:
            BadInput: the file holds no certificates.
        """
        self.openssl.set_verify(SSL.VERIFY_PEER)
        if ca_file is None:
            self.openssl.set_default_verify_paths()
            return
        try:
            self.openssl.load_verify_locations(str(ca_file))
        except SSL.Error:
            raise BadInput("no certificates can be read here", file=str(ca_file)) from None

    def present(self, pairs: Sequence[tuple[Path, Path]]) -> None:
        """Present one of these certificates to clients, depending on the signature schemes they support.

        Args:
            pairs: pairs of a chain file, leaf first, and the file of its private key, both PEM.

        Raises:
            BadInput: a file cannot be read, or the key does not match the certificate.
        """
        for chain, key in pairs:
            try:
                self.openssl.use_certificate_chain_file(str(chain))
                # From the file: pyOpenSSL does not accept ML-DSA keys as objects.
                self.openssl.use_privatekey_file(str(key))
                self.openssl.check_privatekey()
            except SSL.Error:
                raise BadInput(f"no certificate chain with {key.name} as its key", file=str(chain)) from None

    def connect(self, server_name: str) -> Channel:
        """Return a client's channel; the server's certificate must have this name or address."""
        connection = SSL.Connection(self.openssl, None)
        connection.set_connect_state()
        _expect(connection, server_name)
        return Channel(connection)

    def accept(self) -> Channel:
        """Return a server's channel."""
        connection = SSL.Connection(self.openssl, None)
        connection.set_accept_state()
        return Channel(connection)

    def _choose(self, function: str, what: str, names: str) -> None:
        if getattr(_lib, function)(self.openssl._context, names.encode()) != 1:
            _lib.ERR_clear_error()
            raise BadInput(f"the OpenSSL in use does not know all of these {what}", value=names)


def _expect(connection: SSL.Connection, server_name: str) -> None:
    parameters = _lib.SSL_get0_param(connection._ssl)
    try:
        address = ipaddress.ip_address(server_name).packed
    except ValueError:
        name = _encoded(server_name)
        connection.set_tlsext_host_name(name)
        _lib.X509_VERIFY_PARAM_set_hostflags(parameters, _lib.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        done = _lib.X509_VERIFY_PARAM_set1_host(parameters, name, len(name))
    else:
        done = _lib.X509_VERIFY_PARAM_set1_ip(parameters, address, len(address))
    if done != 1:
        raise _no_name(server_name)


def _encoded(server_name: str) -> bytes:
    try:
        name = server_name.rstrip(".").encode("idna")
    except UnicodeError:
        name = b""
    if not name:  # OpenSSL would accept any name
        raise _no_name(server_name)
    return name


def _no_name(server_name: str) -> BadInput:
    return BadInput("no certificate can have this name", field="host", value=server_name)
