"""Envelopes in files: whole under their name, or not there at all."""

import os
import stat

import pytest

from novacron.crypto import PrivateKey, header_of, open_file, replace_header, rewrap_file, seal_file
from novacron.errors import BadInput, NotAuthentic

KEY, OTHER = PrivateKey.generate(), PrivateKey.generate("MLKEM1024-P384")


@pytest.fixture
def envelope(tmp_path):
    (tmp_path / "text").write_bytes(b"text" * 50_000)
    seal_file(tmp_path / "text", tmp_path / "text.ncrypt", [KEY.public], context="c")
    return tmp_path / "text.ncrypt"


def test_roundtrip(envelope):
    target = envelope.with_name("again")
    open_file(envelope, target, KEY, context="c")
    assert target.read_bytes() == b"text" * 50_000
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_nothing_is_left_of_a_file_that_does_not_open(envelope):
    envelope.write_bytes(envelope.read_bytes()[:-1])
    target = envelope.with_name("again")
    target.write_bytes(b"before")
    with pytest.raises(NotAuthentic):
        open_file(envelope, target, KEY, context="c")
    assert target.read_bytes() == b"before"
    assert sorted(os.listdir(envelope.parent)) == ["again", "text", "text.ncrypt"]


def test_rewrapping_keeps_payload_and_mode(envelope):
    envelope.chmod(0o640)
    before, size = envelope.read_bytes(), len(header_of(envelope).encode())
    rewrap_file(envelope, KEY, add=[OTHER.public], drop=[KEY.public.fingerprint])
    assert envelope.read_bytes()[len(header_of(envelope).encode()) :] == before[size:]
    assert stat.S_IMODE(envelope.stat().st_mode) == 0o640
    open_file(envelope, envelope.with_name("again"), OTHER, context="c")
    with pytest.raises(NotAuthentic):
        open_file(envelope, envelope.with_name("again"), KEY, context="c")


def test_the_header_of_another_envelope_is_refused(envelope):
    other = envelope.with_name("other.ncrypt")
    seal_file(envelope.with_name("text"), other, [KEY.public])
    with pytest.raises(BadInput, match="another envelope"):
        replace_header(envelope, header_of(other))


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(BadInput, match="nowhere"):
        seal_file(tmp_path / "nowhere", tmp_path / "out", [KEY.public])
    (tmp_path / "in").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "missing" / "out", tmp_path / "folder"):
        with pytest.raises(BadInput, match=rf"{target.name}.*cannot be written"):
            seal_file(tmp_path / "in", target, [KEY.public])
    assert sorted(os.listdir(tmp_path)) == ["folder", "in"]
