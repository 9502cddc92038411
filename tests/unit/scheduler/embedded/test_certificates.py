"""The certificates of `up --tls`."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store

from scheduler.embedded import certificates


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "tls"
    assert certificates.ensure(made) == made / "ca.pem"
    return made


def read(path):
    return x509.load_pem_x509_certificates(path.read_bytes())


@pytest.mark.parametrize("name", certificates.KEYS)
@pytest.mark.parametrize("subject", [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
def test_each_chain_holds_for_a_standard_verifier(folder, name, subject):
    verifier = PolicyBuilder().store(Store(read(folder / "ca.pem"))).build_server_verifier(subject)
    (leaf,) = read(folder / f"{name}.pem")
    assert len(verifier.verify(leaf, [])) == 2


def test_the_roots_can_sign_no_more(folder):
    """No file holds a key that belongs to a root."""
    roots = [root.public_key() for root in read(folder / "ca.pem")]
    keys = [load_pem_private_key(path.read_bytes(), None).public_key() for path in folder.glob("*.key")]
    assert len(roots) == len(keys) == 2
    assert not any(key == root for key in keys for root in roots)


def test_good_ones_are_kept(folder):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    certificates.ensure(folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def spoil(folder):
    (folder / "ml-dsa-65.pem").write_text("nothing")


def lose(folder):
    (folder / "ml-dsa-65.key").unlink()


def swap(folder):
    (folder / "ecdsa-p256.key").write_bytes((folder / "ml-dsa-65.key").read_bytes())


def forget(folder):
    (folder / "ca.pem").unlink()


def misplace(folder):
    certificates.ensure(folder.parent / "other")
    (folder / "ca.pem").write_bytes((folder.parent / "other" / "ca.pem").read_bytes())


@pytest.mark.parametrize("harm", [spoil, lose, swap, forget, misplace])
def test_broken_ones_are_replaced(folder, harm):
    harm(folder)
    certificates.ensure(folder)
    test_each_chain_holds_for_a_standard_verifier(folder, "ml-dsa-65", x509.DNSName("localhost"))
    assert {path.name for path in folder.iterdir()} == {
        "ca.pem", "ml-dsa-65.pem", "ml-dsa-65.key", "ecdsa-p256.pem", "ecdsa-p256.key",
    }  # fmt: skip


def test_old_ones_are_replaced(folder, monkeypatch):
    before = (folder / "ca.pem").read_bytes()
    monkeypatch.setattr(certificates, "RENEWED_BEFORE", certificates.VALID_FOR + timedelta(days=1))
    certificates.ensure(folder)
    assert (folder / "ca.pem").read_bytes() != before
    (leaf,) = read(folder / "ml-dsa-65.pem")
    assert leaf.not_valid_after_utc > datetime.now(UTC) + timedelta(days=396)
