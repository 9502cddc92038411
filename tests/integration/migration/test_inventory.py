"""Inventories of real servers and real rows."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.migration import InventoryError
from novacron.specs import parse_spec
from novacron.tls.contexts import Context as TlsContext
from novacron.tls.groups import MODES
from shared.crypto.found import Found
from shared.crypto.reach import LOOPBACK_ONLY
from shared.db import session
from shared.settings import Settings
from testing.contexts import context
from testing.migration import tls_server
from testing.patience import PATIENCE_S
from tests.integration.migration.conftest import Server, job
from tests.unit.workers.crypto.inventory import forms
from workers.crypto.inventory import installation, keystore, tls
from workers.crypto.keys.keystore import KeyStore
from workers.operations.crypto.inventory import inventory
from workers.runtime.context import Origin
from workers.runtime.outcome import Done


def nothing() -> None:
    """No checkpoint."""


@pytest.fixture
def made(connection: session.Connection) -> Callable[..., dict[str, Any]]:
    """The inventory that a job makes."""

    def of(role: str = "operator", **wanted: Any) -> dict[str, Any]:
        spec = parse_spec({"kind": "cryptographic", "operation": "inventory", **wanted})
        done = inventory(context(
            spec, queue="crypto", warn=pytest.fail,
            origin=Origin(job(connection, f"job_{role}", role), 1, 1, "tester", lambda: connection),
        ))  # fmt: skip
        assert isinstance(done, Done)
        found: dict[str, Any] = done.value["inventory"]
        return found

    return of


def test_a_classical_server_is_seen_as_one(server: Server) -> None:
    endpoint, leaf = tls.search([server.address], nothing, LOOPBACK_ONLY)
    assert isinstance(endpoint, Found) and isinstance(leaf, Found)
    assert (endpoint.kind, endpoint.algorithm) == ("tls_endpoint", "X25519")
    assert endpoint.protocol is not None and endpoint.protocol.version == "TLSv1.3"
    assert endpoint.protocol.chain == ("ecdsa-with-SHA256",)
    assert not endpoint.details["knows_pq"] and endpoint.details["serves_classical"]
    assert "high" in {one.severity for one in endpoint.findings}
    assert (leaf.kind, leaf.name, leaf.algorithm) == ("certificate", "CN=localhost", "ECDSA-P256")


def test_what_a_migration_changes_is_seen(server: Server) -> None:
    text = server.config.read_text().replace("X25519:secp256r1", "X25519MLKEM768")
    server.config.write_text(text)
    subprocess.run(server.reload, check=True)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        endpoint = next(iter(tls.search([server.address], nothing, LOOPBACK_ONLY)))
        assert isinstance(endpoint, Found)
        if endpoint.algorithm == "X25519MLKEM768":
            break
        assert time.monotonic() < deadline
    assert endpoint.details["pq"] and not endpoint.details["serves_classical"]
    assert not {one.severity for one in endpoint.findings} & {"high", "medium"}


@pytest.fixture
def two_certificates(tmp_path: Path) -> Iterator[str]:
    """The address of a server that shows ML-DSA to those who know it, and ECDSA to others."""
    pairs = []
    for name in ("ML-DSA-65", "EC-P256"):
        chain, key = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        chain.write_bytes(forms.pem_of(forms.certificate(name)))
        key.write_bytes(forms.private(name))
        pairs.append((chain, key))
    context = TlsContext(MODES["hybrid"])
    context.present(pairs)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: TlsContext) -> None:
    with suppress(OSError):
        while True:
            tls_server._answer(listener.accept()[0], context)


def test_certificates_shown_to_other_clients_are_seen_too(two_certificates: str) -> None:
    endpoint, *certificates = tls.search([two_certificates], nothing, LOOPBACK_ONLY)
    assert isinstance(endpoint, Found) and endpoint.details["pq_signature"]
    assert endpoint.protocol is not None and endpoint.protocol.chain == ("ML-DSA-65",)
    assert endpoint.protocol.group == "X25519MLKEM768" and endpoint.details["serves_classical"]
    shown = [one.algorithm for one in certificates if isinstance(one, Found)]
    assert shown == ["ML-DSA-65", "ECDSA-P256"]


def test_who_does_not_speak_tls_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"127.0.0.1:{listener.getsockname()[1]}"
    errors = list(tls.search([closed, "nowhere.invalid:443", "127.0.0.1:0"], nothing, LOOPBACK_ONLY))
    assert all(isinstance(one, InventoryError) for one in errors) and len(errors) == 3


def test_keys_of_the_store_are_assets_and_of_this_tenant_alone(
    connection: session.Connection, store: KeyStore
) -> None:
    signing = store.generate("ECDSA-P256", "sign", label="release")
    store.rotate(signing.key_id, algorithm="ML-DSA-65")
    sealing = store.generate("X-Wing", "decrypt")
    found = {one.location: one for one in keystore.search(connection, 1) if isinstance(one, Found)}
    assert (found[signing.key_id].name, found[signing.key_id].algorithm) == ("release", "ML-DSA-65")
    assert found[signing.key_id].purposes == ("authenticity",)
    assert found[signing.key_id].details["older_versions"] == [{"version": 1, "algorithm": "ECDSA-P256"}]
    assert "ECDSA-P256" in found[signing.key_id].findings[0].text
    assert found[sealing.key_id].purposes == ("confidentiality",)
    assert list(keystore.search(connection, 2)) == []


def test_connections_of_the_installation(connection: session.Connection) -> None:
    database, cache = installation.search(
        connection, Settings(redis_url="redis://:secret@10.255.255.1:6379/0")
    )
    assert isinstance(database, Found) and isinstance(cache, Found)
    assert (database.kind, database.algorithm, database.vulnerable) == ("database_tls", "none", True)
    assert database.details["used"] is False and database.details["server_version"] >= 140000
    assert (cache.kind, cache.location, cache.vulnerable) == ("redis_tls", "10.255.255.1:6379", True)
    assert cache.findings[0].severity == "high" and "secret" not in repr(cache)


def test_a_redis_with_tls_is_asked_like_any_server(server: Server) -> None:
    found = list(installation.redis_server(f"rediss://:secret@{server.address}/0"))
    kinds = [one.kind for one in found if isinstance(one, Found)]
    assert kinds == ["redis_tls", "certificate"] and "secret" not in repr(found)


def test_an_inventory_is_whole_and_in_the_audit_log(
    made: Callable[..., dict[str, Any]], server: Server, connection: session.Connection, store: KeyStore,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    store.generate("ML-DSA-65", "sign")
    folder = server.certificate.parent
    monkeypatch.setenv("NOVACRON_INVENTORY_ROOTS", str(folder))
    (folder / "key.json").write_text('{"kty": "oct", "k": "AAAA", "alg": "A128KW"}')
    found = made(paths=[str(folder), str(tmp_path)], endpoints=[server.address], store=True)
    assert found["targets"] == [str(folder), str(tmp_path), server.address, "key store"]
    assert [one["target"] for one in found["errors"]] == [str(tmp_path)]
    kinds = [one["kind"] for one in found["assets"]]
    assert kinds[:4] == ["jwk", "key", "certificate", "tls_endpoint"]
    assert set(kinds[4:]) == {"keystore_key"}
    (seen,) = [one for one in found["assets"] if one["kind"] == "certificate"]
    assert (seen["location"], seen["also_at"]) == (str(server.certificate), [server.address])
    row = connection.execute("SELECT subject, details FROM audit_log ORDER BY seq DESC LIMIT 1").fetchone()
    assert row is not None and row[0] == found["inventory_id"]


def test_an_admin_looks_into_the_folders_of_its_tenant_alone(
    made: Callable[..., dict[str, Any]], server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    connection: session.Connection,
) -> None:  # fmt: skip
    folder = server.certificate.parent
    tenant = connection.execute("SELECT name FROM tenants WHERE id = 1").fetchone()
    assert tenant is not None
    for roots, found in (
        (f"{folder}", []),
        (f"{tenant[0]}=/srv:{folder}", []),
        (f"{tenant[0]}={folder}", ["key"]),
    ):
        monkeypatch.setenv("NOVACRON_INVENTORY_ROOTS", roots)
        kinds = [one["kind"] for one in made(role="admin", paths=[str(folder)])["assets"]]
        assert kinds[: len(found)] == found and bool(kinds) == bool(found)


def test_only_servers_that_are_allowed_or_declared_are_asked(
    made: Callable[..., dict[str, Any]], server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["192.0.2.1:443", "169.254.169.254:80", "localhost:1", server.address]
    told = {one["target"]: one["error"] for one in made(endpoints=asked)["errors"]}
    assert set(told) == set(asked[:3])
    assert (
        "NOVACRON_PROBE_ALLOW" in told["192.0.2.1:443"]
        and "NOVACRON_PROBE_ALLOW" in told["169.254.169.254:80"]
    )
    assert told["localhost:1"] == "nothing answers at localhost:1"
    monkeypatch.setenv("NOVACRON_PROBE_ALLOW", "*")
    told = {one["target"]: one["error"] for one in made(endpoints=asked[1:2])["errors"]}
    assert "link-local addresses never are" in told["169.254.169.254:80"]


def test_an_inventory_without_anything_to_look_at_is_refused() -> None:
    with pytest.raises(BadInput, match="is required"):
        parse_spec({"kind": "cryptographic", "operation": "inventory"})
    for wrong in ({"paths": ["etc"]}, {"endpoints": ["web"]}, {"endpoints": ["http://web:1"]}, {"store": 1}):
        with pytest.raises(BadInput):
            parse_spec({"kind": "cryptographic", "operation": "inventory", **wrong})
