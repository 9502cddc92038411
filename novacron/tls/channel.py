"""A TLS connection without a socket: bytes in, bytes out."""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL, crypto

from novacron.errors import InsecureConnection
from novacron.tls import signature
from novacron.tls.groups import group_name, scheme_name
from novacron.tls.handshake import Handshake

CHUNK = 65536
VALID = 0  # X509_V_OK
_lib: Any = getattr(SSL, "_lib", None)
_ffi: Any = getattr(SSL, "_ffi", None)


class Channel:
    """TLS state of one connection, with buffered input and output.

    Args:
        connection: pyOpenSSL's connection, without a socket.

    Attributes:
        handshake: negotiated parameters, None until the handshake is done.
        ended: whether the peer has closed its side of the connection.
    """

    def __init__(self, connection: SSL.Connection) -> None:
        self._connection = connection
        self.handshake: Handshake | None = None
        self.ended = False

    def receive(self, data: bytes) -> None:
        """Process bytes from the network."""
        self._connection.bio_write(data)

    def to_send(self) -> bytes:
        """Return the bytes to send to the network now."""
        pieces: list[bytes] = []
        try:
            while not pieces or len(pieces[-1]) == CHUNK:
                pieces.append(self._connection.bio_read(CHUNK))
        except SSL.WantReadError:
            pass
        return b"".join(pieces)

    def advance(self) -> bool:
        """Continue the handshake with the bytes received; return whether it is done.

        Raises:
            InsecureConnection: the peer does not meet the requirements, or is not the expected one.
        """
        if self.handshake is not None:
            return True
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return False
        except SSL.Error as error:
            raise InsecureConnection(self.verdict() or reason(error)) from None
        self.handshake = self._agreed()
        return True

    def read(self) -> bytes:
        """Return all data received from the peer so far.

        Raises:
            ConnectionError: the data were tampered with, or the connection broke.
        """
        pieces: list[bytes] = []
        try:
            while True:
                pieces.append(self._connection.recv(CHUNK))
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.ended = True
        except SSL.Error as error:
            raise ConnectionError(reason(error)) from None
        return b"".join(pieces)

    def write(self, data: bytes) -> None:
        """Encrypt data for the peer.

        Raises:
            ConnectionError: the connection is closed or broken.
        """
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._connection.send(rest[:CHUNK]) :]
        except SSL.Error as error:
            raise ConnectionError(reason(error)) from None

    def close(self) -> None:
        """Close this side; `to_send` then contains the close_notify alert."""
        signature.take(self._connection)  # an unfinished handshake may have left one
        if self.handshake is not None:
            try:
                self._connection.shutdown()
            except SSL.Error:
                pass  # the connection broke first

    def verdict(self) -> str | None:
        """Return why the server's certificate is not trusted for its name, None if it is."""
        result = _lib.SSL_get_verify_result(self._connection._ssl)
        if result == VALID:
            return None
        text: str = _ffi.string(_lib.X509_verify_cert_error_string(result)).decode()
        return f"the server's certificate is refused: {text}"

    def chain(self) -> tuple[bytes, ...]:
        """Return the server's certificate chain, leaf first, as DER."""
        shown = self._connection.get_peer_cert_chain() or []
        return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, one) for one in shown)

    def _agreed(self) -> Handshake:
        scheme = signature.take(self._connection)
        return Handshake(
            version=self._connection.get_protocol_version_name(),
            cipher=self._connection.get_cipher_name() or "",
            group=group_name(self._connection.get_group_name()),
            signature=None if scheme is None else scheme_name(scheme),
        )


def reason(error: SSL.Error) -> str:
    """Return OpenSSL's text for an error."""
    if isinstance(error, SSL.SysCallError):
        return "the connection was cut"
    entries = error.args[0] if error.args else []
    return "; ".join(str(entry[2]) for entry in entries if entry[2]) or "the connection broke"
