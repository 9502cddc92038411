"""The recommended configuration of nginx, in front of a server that speaks plain HTTP."""

import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from novacron import Client
from scheduler.embedded import ports
from shared.crypto.tls.probe import probe
from testing.patience import PATIENCE_S, eventually
from tests.integration.tls.conftest import started

RECOMMENDED = Path(__file__).resolve().parents[3] / "deploy" / "nginx" / "novacron.conf"
MAIN = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/novacron.conf;
}}
"""


class Api(BaseHTTPRequestHandler):
    """Says which host it was asked for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'{"version": "%s"}' % self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def upstream():
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(PATIENCE_S)


@pytest.fixture(scope="module")
def proxy(nginx, folder, upstream, tmp_path_factory):
    """Its port, and the folder with its logs."""
    own, port = tmp_path_factory.mktemp("nginx"), ports.choose()
    text = RECOMMENDED.read_text()
    for old, new in {
        "127.0.0.1:8420": f"127.0.0.1:{upstream}", "listen 443": f"listen 127.0.0.1:{port}",
        " tls/": f" {folder}/", "/var/log/nginx": str(own),
    }.items():  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    (own / "novacron.conf").write_text(text)
    (own / "nginx.conf").write_text(MAIN.format(folder=own))
    command = [nginx, "-p", str(own), "-e", str(own / "error.log"), "-c", str(own / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=PATIENCE_S)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    with started(command, port):
        yield port, own


def test_what_it_agrees_to(proxy, ca_file):
    port, _ = proxy
    found = probe("127.0.0.1", port, ca_file=str(ca_file))
    assert str(found.handshake) == "TLSv1.3, X25519MLKEM768 (post-quantum), mldsa65"
    assert found.pq_signature and found.serves_classical and not found.downgrades
    classical = found.attempts["classical_only"].handshake
    assert str(classical) == "TLSv1.3, X25519 (classical), ecdsa_secp256r1_sha256"
    assert found.attempts["preferred"].distrust is None


def test_the_client_through_it_and_the_record_of_the_group(proxy, ca_file, monkeypatch):
    port, own = proxy
    monkeypatch.setenv("NOVACRON_CA_FILE", str(ca_file))
    monkeypatch.setenv("NOVACRON_TLS", "pq-only")
    with Client(f"https://127.0.0.1:{port}", "nc_test") as client:
        assert client.version() == "127.0.0.1"
        assert str(client.handshake) == "TLSv1.3, X25519MLKEM768 (post-quantum), mldsa65"
    (line,) = eventually(lambda: (own / "novacron.log").read_text().splitlines(), "a line in nginx's log")
    assert re.search(r" TLSv1\.3 TLS_AES_256_GCM_SHA384 (X25519MLKEM768|0x11ec) ", line)
