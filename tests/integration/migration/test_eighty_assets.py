"""An installation of 80 assets of a realistic mix, found, planned and rehearsed: most of it by machine."""

import base64
import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from novacron.crypto import PublicKey, Recipient, seal_file
from novacron.migration import Inventory
from novacron.migration.requests import PlanRequest
from novacron.specs import parse_spec
from novacron.specs.crypto.certificates import GenerateCertificate
from scheduler.pqc.migration import policies
from scheduler.pqc.migration.plan import plan
from shared.db.crypto import keys
from testing.contexts import context
from testing.migration.certificates import authority
from workers.crypto.migration import binding, preflight, targets
from workers.crypto.pki.authority import Authority
from workers.operations.crypto.inventory import inventory
from workers.runtime.context import Origin

from .conftest import job
from .nginx_server import nginx

HOSTS = [f"host{number:02}.example" for number in range(15)]
DECLARED = HOSTS[:12]
"""The others are somebody else's: for them no target is declared."""
PEM, RAW = serialization.Encoding.PEM, serialization.NoEncryption()


@pytest.fixture(autouse=True)
def quick_looks():
    """Not here: nginx leaves its former processes the port for a moment."""


def site(root, store, connection):
    """The rest of the installation, in a folder; the targets of it."""
    for number in range(2):
        pair = {"kty": "EC", "crv": "P-256", "use": "sig", "kid": f"k{number}"}
        numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
        public = {name: _number(getattr(numbers.public_numbers, name)) for name in ("x", "y")}
        folder = root / f"issuer{number}"
        folder.mkdir()
        (folder / "key.json").write_text(json.dumps(pair | public | {"d": _number(numbers.private_value)}))
        (folder / "jwks.json").write_text(json.dumps({"keys": [pair | public]}))
        files = f'key="{folder}/key.json"\npublic="{folder}/jwks.json"\n'
        yield f'[targets.tokens{number}]\nkind="files"\n{files}'
    for name in ("archive", "backup"):
        version = store.generate("HPKE-X25519", "decrypt", label=name).current
        (root / name / "2026").mkdir(parents=True)
        for number in range(4):
            plain = root / "plain.txt"
            plain.write_text(f"{name} {number}")
            key = store.key(_key_of(store, name))
            to = [Recipient(PublicKey(version.algorithm, version.public_key), f"{key.key_id}/1")]
            seal_file(plain, root / name / "2026" / f"{number}.ncrypt", to, classical=True)
            plain.unlink()
        yield f'[targets.{name}]\nkind="envelopes"\nfolder="{root}/{name}"\n'
    for number in range(6):
        store.generate("Ed25519", "sign", label=f"release {number}")
    ssh = root / "ssh"
    ssh.mkdir()
    for number in range(4):
        private = ed25519.Ed25519PrivateKey.generate()
        (ssh / f"id{number}").write_bytes(
            private.private_bytes(PEM, serialization.PrivateFormat.OpenSSH, RAW)
        )
        line = private.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        (ssh / f"id{number}.pub").write_bytes(line + b"\n")
    sealing = rsa.generate_private_key(65537, 2048)
    (root / "code-signing.pem").write_bytes(
        sealing.private_bytes(PEM, serialization.PrivateFormat.PKCS8, RAW)
    )
    issuing = Authority(connection, store, 1, "tester")
    for name in ("first", "second"):
        old = issuing.generate(GenerateCertificate(
            algorithm="ECDSA-P384", subject=f"CN=Old root {name}", validity_period="900d",
            extensions={"basic_constraints": {"ca": True}},
        ))[0]  # fmt: skip
        (root / f"{name}-root.pem").write_text(old.pem)


def _key_of(store, label):
    return next(one.key_id for one in keys.listing(store._connection, 1) if one.label == label)


def _number(value):
    return base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()


def declared(server, issuer):
    commands = f"check={list(server.check)!r}\nreload={list(server.reload)!r}\n"
    for name in DECLARED:
        short = name.partition(".")[0]
        yield (
            f'[targets.{short}]\nkind="certificate"\ncertificate="{server.chain(name)}"\n'
            f'key="{server.key(name)}"\nissuer="{issuer}"\nnames=["{name}"]\n{commands}'
            f'probe="{server.address(name)}"\n'
            f'[targets.{short}-groups]\nkind="tls"\nconfig="{server.config(name)}"\n'
            f'groups_directive="ssl_ecdh_curve"\n{commands}probe="{server.address(name)}"\nserver_name="{name}"\n'
        )


def test_at_most_a_third_is_done_by_hand(tmp_path, connection, store, migration, monkeypatch):
    root, file = tmp_path / "root", tmp_path / "targets.toml"
    root.mkdir()
    monkeypatch.setenv("NOVACRON_INVENTORY_ROOTS", str(root))
    monkeypatch.setenv("NOVACRON_TARGETS_FILE", str(file))
    issuer = authority(connection, store).certificate_id
    with nginx(root / "nginx", HOSTS) as server:
        file.write_text("".join([*site(root, store, connection), *declared(server, issuer)]))
        found = made(connection, [str(root)], [server.address(name) for name in HOSTS])
        vulnerable = [one for one in found.assets if one.quantum_vulnerable]
        assert len(found.assets) == 80 and len(vulnerable) > 70 and not found.errors
        seen = [one for one in found.assets if one.kind == "certificate" and len(one.places) > 1]
        assert len(seen) == len(HOSTS), "in a file and on the wire"

        request = PlanRequest(timeline="5 years", inventory=found, policy=policies.load()["general"])
        document = plan(request, "plan_80", datetime.now(UTC)).model_dump(mode="json", by_alias=True)
        steps, known = document["steps"], targets.load(str(file))
        manual = [one for one in steps if binding.by_hand(one, known)]
        told = Counter(one["components"][0] for one in manual)
        assert len(manual) <= len(steps) / 3, f"{len(manual)} of {len(steps)}: {told}"
        assert all(one["targets"] for one in steps if one not in manual)
        by_key = Counter((tuple(one["components"]), one["type"]) for one in steps)
        assert max(by_key.values()) == 1, "no component is planned twice"

        begun = migration([], plan_id="plan_80")
        preflight.check(begun.holder, steps, known)
        lines = [
            line
            for one in steps
            for action in binding.actions(begun.holder, one, known).values()
            for line in action.lines()
        ]
        assert any("make a ML-DSA-65 key in" in line for line in lines)


def made(connection, paths, endpoints):
    wanted = {"paths": paths, "endpoints": endpoints, "store": True}
    spec = parse_spec({"kind": "cryptographic", "operation": "inventory", **wanted})
    done = inventory(context(
        spec, queue="crypto", warn=pytest.fail,
        origin=Origin(job(connection, "job_1", "operator"), 1, 1, "tester", lambda: connection),
    ))  # fmt: skip
    return Inventory(**done.value["inventory"])
