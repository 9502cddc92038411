"""Copies of a private key that a migration leaves behind are told."""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from workers.crypto.migration import remains


def text(key, form=PrivateFormat.PKCS8):
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def test_copies_in_any_form_and_hard_links_are_told(tmp_path):
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    (live := tmp_path / "live").mkdir()
    (archive := tmp_path / "archive").mkdir()
    served = live / "privkey.pem"
    (archive / "privkey1.pem").write_bytes(text(key))
    served.symlink_to("../archive/privkey1.pem")
    os.link(archive / "privkey1.pem", tmp_path / "elsewhere")
    (live / "old.bak").write_bytes(b"# backup\n" + text(key, PrivateFormat.TraditionalOpenSSL))
    (live / "other.pem").write_bytes(text(other))
    were = remains.origins([served, live / "missing"])
    assert [one["path"] for one in were] == [str(archive / "privkey1.pem")]
    served.unlink()
    assert remains.left(remains.marks(text(key)), [live, archive], were) == [
        f"{archive}/privkey1.pem still contains it", f"{live}/old.bak still contains it",
        f"1 more names (hard links) of the file that was {archive}/privkey1.pem still contain it",
    ]  # fmt: skip


def test_other_forms_are_opened_or_told(tmp_path):
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    locked, pkcs8 = BestAvailableEncryption(b"password"), PrivateFormat.PKCS8
    forms = {
        "der": key.private_bytes(Encoding.DER, pkcs8, NoEncryption()),
        "open.p12": serialize_key_and_certificates(None, key, None, None, NoEncryption()),
        "other.der": other.private_bytes(Encoding.DER, pkcs8, NoEncryption()),
        "x.closed.p12": serialize_key_and_certificates(None, key, None, None, locked),
        "x.der": key.private_bytes(Encoding.DER, pkcs8, locked),
        "x.jks": b"\xfe\xed\xfe\xed" + bytes(30),
        "x.pem": key.private_bytes(Encoding.PEM, pkcs8, locked),
        "text": b"0 is no DER",
    }
    for name, data in forms.items():
        (tmp_path / name).write_bytes(data)
    assert remains.left(remains.marks(text(key)), [tmp_path], []) == [
        f"{tmp_path}/der still contains it", f"{tmp_path}/open.p12 still contains it",
        *(f"{tmp_path}/x.{one} has a password and may contain it" for one in ["closed.p12", "der", "jks"]),
        f"{tmp_path}/x.pem has a password and may contain it",
    ]  # fmt: skip


def test_a_file_that_was_replaced_leaves_its_other_names(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    (home := tmp_path / "ssl").mkdir()
    (served := home / "web.key").write_bytes(text(key))
    were = remains.origins([served])
    served.unlink()
    assert remains.left(remains.marks(text(key)), [home], were) == []
    served.write_bytes(text(key))
    os.link(served, tmp_path / "hidden")
    were = remains.origins([served])
    served.unlink()
    (told,) = remains.left(remains.marks(text(key)), [home], were)
    assert told.startswith("1 more names (hard links)")
