"""Archives: what is in them, and that none costs more than it may."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as some

from novacron.migration import InventoryError
from shared.crypto.found import Found
from tests.unit.workers.crypto.inventory.forms import KEYS, certificate, private
from workers.crypto.inventory import content, files, limits
from workers.crypto.inventory.folders import Roots
from workers.crypto.inventory.limits import Limits, listed

DATA = Path(__file__).resolve().parents[4] / "data" / "crypto"
KEY = private("Ed25519")


def read(data: bytes) -> tuple[list[Found], dict[str, str]]:
    found = list(listed(content.read(data, "a", Limits()), "a"))
    errors = {one.target: one.error for one in found if isinstance(one, InventoryError)}
    return [one for one in found if isinstance(one, Found)], errors


def places(data: bytes) -> list[str]:
    found, errors = read(data)
    assert not errors, errors
    return [one.location for one in found]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def tarred(members: dict[str, bytes], form: int = tarfile.GNU_FORMAT, mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


MEMBERS = {
    "notes.txt": b"nothing",
    "deep/" * 40 + "key.pem": KEY,
    "leaf.der": certificate().public_bytes(Encoding.DER),
}
HELD = ["a!" + "deep/" * 40 + "key.pem", "a!leaf.der"]
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "zip": lambda: zipped(MEMBERS),
    "zip, stored": lambda: zipped(MEMBERS, zipfile.ZIP_STORED),
    "zip, bzip2": lambda: zipped(MEMBERS, zipfile.ZIP_BZIP2),
    "zip behind a program": lambda: b"#!/bin/sh\nexec java -jar $0\n" + zipped(MEMBERS),
    "tar of GNU": lambda: tarred(MEMBERS),
    "tar of POSIX": lambda: tarred(MEMBERS, tarfile.PAX_FORMAT),
    "tar.gz": lambda: tarred(MEMBERS, mode="w:gz"),
    "tar.bz2": lambda: tarred(MEMBERS, mode="w:bz2"),
    "tar.xz": lambda: tarred(MEMBERS, mode="w:xz"),
    "tar.xz of two streams": lambda: b"".join(
        lzma.compress(part) for part in (tarred(MEMBERS)[:700], tarred(MEMBERS)[700:])
    ),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_members_are_looked_at(name):
    assert places(ARCHIVES[name]()) == HELD


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_is_no_archive_and_is_read_all_the_same(compress):
    assert places(compress(KEY)) == ["a"]
    assert places(compress(compress(KEY))) == ["a"]


def test_archives_in_archives():
    inner = {"lib/a.jar": zipped({"key.pem": KEY}), "b.tar.gz": tarred({"key.pem": KEY}, mode="w:gz")}
    assert places(tarred(inner)) == ["a!lib/a.jar!key.pem", "a!b.tar.gz!key.pem"]
    assert places(zipped({"jks": (DATA / "web.jks").read_bytes()})) == ["a!jks"] * 2
    data = KEY
    for _ in range(8):
        data = zipped({"x": data})
    assert read(data) == ([], {"a!x!x!x!x": "nested deeper than 4 times"})


def test_the_signer_of_a_jar():
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import pkcs7

    block = (
        pkcs7.PKCS7SignatureBuilder().set_data(b"manifest")
        .add_signer(certificate("RSA-2048"), KEYS["RSA-2048"], hashes.SHA256()).sign(Encoding.DER, [])
    )  # fmt: skip
    (leaf,), errors = read(
        zipped({"META-INF/WEB.RSA": block, "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0"})
    )
    assert not errors and (leaf.kind, leaf.location) == ("certificate", "a!META-INF/WEB.RSA")


def test_what_is_in_an_archive_and_cannot_be_read_is_counted():
    store = zipped({"key.pem": KEY, "other.pem": KEY})
    at = store.index(b"PK\x01\x02")
    locked = store[: at + 8] + b"\x01" + store[at + 9 :]
    found, errors = read(locked)
    assert len(found) == 1 and errors == {"a!key.pem": "encrypted with the password of a zip archive"}
    odd = store[: at + 10] + b"\x63" + store[at + 11 :]
    assert read(odd)[1] == {"a!key.pem": "compressed in a way that is not opened"}
    body = store.index(b"key.pem") + len("key.pem") + 12
    assert read(store[:body] + b"\xff\xff" + store[body + 2 :])[1]["a!key.pem"] == "damaged"
    assert read(store[:60])[1] == {"a": "a zip archive that is damaged, or whose list of files is too long"}
    large = {"big.bin": bytes(limits.LARGEST_BYTES + 1), "key.pem": KEY}
    for data in (zipped(large), tarred(large)):
        found, errors = read(data)
        assert len(found) == 1 and errors == {"a!big.bin": "larger than 4,194,304 bytes"}
    cut = tarred({"a.pem": KEY, "b.pem": KEY})
    assert read(cut[:700])[1] == {"a": "the tar archive is cut short"}
    assert read(gzip.compress(cut)[:150])[1] == {"a": "is damaged: the rest of the archive was not examined"}
    assert read(gzip.compress(KEY)[:50])[1] == {"a": "its gzip is damaged, or needs too much memory"}
    assert read(cut[:1024] + b"\xff" * 512 + cut[1536:])[1]["a"].startswith("the tar archive is damaged")


def bomb(compress: Callable[[bytes], bytes], name: str = "") -> bytes:
    piece = bytes(32 << 20)
    return compress(piece * 12) if not name else tarred({f"{n}": piece for n in range(12)}, mode=name)


@pytest.mark.parametrize("data", [
    lambda: bomb(gzip.compress), lambda: bomb(bz2.compress), lambda: bomb(gzip.compress, "w:gz"),
    lambda: zipped({f"{n}.txt": bytes(limits.LARGEST_BYTES) for n in range(80)}),
], ids=["gzip", "bzip2", "tar.gz", "zip"])  # fmt: skip
def test_bombs_end(data):
    made = data()
    tracemalloc.start()
    try:
        found, errors = read(made)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not found and errors and peak < 64 << 20
    assert set(errors.values()) & {
        "unpacks to more than 268,435,456 bytes: the rest was not examined",
        "unpacks to more than 4,194,304 bytes and is no archive",
    }


def test_a_list_of_too_many_files_is_not_read():
    many = zipped({str(number): b"" for number in range(limits.MOST_MEMBERS + 5)})
    assert read(many)[1] == {"a": "holds more than 10,000 files: the rest was not examined"}
    end = zipped({})
    said = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 1 << 30, 0, 0)
    assert read(b"PK\3\4" + end + said)[1]["a"].startswith("a zip archive that is damaged")


def test_xz_takes_no_more_memory_than_it_may():
    """Its header names a dictionary of 1.5 GiB."""
    large = lzma.compress(KEY, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1536 << 20, "preset": 0}])
    assert read(large) == ([], {"a": "its xz is damaged, or needs too much memory"})


def test_a_header_of_tar_asks_for_no_memory():
    """A name, by its header, of 8 GiB."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 8 << 30
    (reason,) = read(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))[1].values()
    assert "too long" in reason


def test_large_archives_are_read_from_disk(tmp_path):
    """Beyond the size to which other files are read."""
    noise = os.urandom(limits.LARGEST_BYTES - 1)
    made = {
        "big.zip": zipped({"noise": noise, "more": noise, "key.pem": KEY}),
        "big.tar": tarred({"noise": noise, "more": noise, "key.pem": KEY}),
        "big.tgz": tarred({"noise": noise, "more": noise, "key.pem": KEY}, mode="w:gz"),
        "big.run": b"#!/bin/sh\n" + zipped({"noise": noise, "more": noise, "key.pem": KEY}),
    }
    for name, data in made.items():
        assert len(data) > limits.LARGEST_BYTES
        (tmp_path / name).write_bytes(data)
    found = list(files.Search(Roots(str(tmp_path)), lambda: None)([str(tmp_path)]))
    assert [one.location for one in found if isinstance(one, Found)] == [
        f"{tmp_path / name}!key.pem" for name in sorted(made)
    ]


@pytest.mark.parametrize("form", ["gnu", "posix", "ustar", "v7"])
def test_what_tar_itself_writes(form):
    """With folders, a link, and one file under two names."""
    (found,), errors = read((DATA / f"links_{form}.tar.xz").read_bytes())
    assert not errors and found.location in (f"a!{'m' * 90}/key.pem", f"a!{'m' * 90}/same.pem")


def test_a_sparse_file_ends_the_look():
    reason = "the tar archive holds a sparse file: the rest was not examined"
    assert read((DATA / "sparse.tar.xz").read_bytes())[1] == {"a": reason}


SAMPLES = [make() for make in ARCHIVES.values()] + [gzip.compress(KEY), lzma.compress(KEY)]


@settings(max_examples=150, deadline=None)
@given(some.sampled_from(SAMPLES), some.data())
def test_damaged_archives_raise_nothing(sample, data):
    at = data.draw(some.integers(0, len(sample)))
    changed = sample[:at] + data.draw(some.binary(max_size=8)) + sample[at + data.draw(some.integers(0, 8)) :]
    read(changed)
