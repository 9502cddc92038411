"""A service that signs tokens and publishes its keys; it reads both files at start and on SIGHUP.

    python -m testing.migration.token_service KEY PUBLIC PORT

GET /keys returns the published file, GET /token a token: header, message and signature, base64url and
separated by dots, where the header names the key by the SHA-256 of its SubjectPublicKeyInfo.
"""

from __future__ import annotations

import base64
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from workers.crypto.migration import keyset

MESSAGE = b'{"sub":"anna"}'


def token(key: Any) -> str:
    """Return a message signed by a key."""
    header = json.dumps({"kid": keyset.identity(key.public_key())}).encode()
    parts = ".".join(base64.urlsafe_b64encode(part).decode() for part in (header, MESSAGE))
    curve = (ec.ECDSA(hashes.SHA256()),) if isinstance(key, ec.EllipticCurvePrivateKey) else ()
    return f"{parts}.{base64.urlsafe_b64encode(key.sign(parts.encode(), *curve)).decode()}"


def serve(key: Path, public: Path, port: int) -> None:
    """Serve until terminated."""
    loaded: dict[str, Any] = {}

    def load(*_: object) -> None:
        loaded.update(key=keyset.in_use(key.read_text()), keys=public.read_bytes())

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = loaded["keys"] if self.path == "/keys" else token(loaded["key"]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    load()
    signal.signal(signal.SIGHUP, load)
    ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
