"""Envelopes: they open for their recipients, and for nobody once anything about them was changed."""

import io
import os
import tracemalloc
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto import Header, PrivateKey, Recipient, open_, rewrap, seal
from novacron.crypto.header import CHUNK_BYTES
from novacron.crypto.suites import SUITES
from novacron.errors import BadInput, NotAuthentic

KEYS = {name: PrivateKey.generate(name) for name in SUITES}
KEY = KEYS["X-Wing"]
SEALED_CHUNK = CHUNK_BYTES + 16
HEADER_BYTES = 76 + 1 + 9 + 71 + 1168 + 48


def sealed(data, *keys, context="", **options):
    target = io.BytesIO()
    seal(io.BytesIO(data), target, [key.public for key in keys or (KEY,)], context=context, **options)
    return target.getvalue()


def opened(envelope, key=KEY, **options):
    target = io.BytesIO()
    open_(io.BytesIO(envelope), target, key, **options)
    return target.getvalue()


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_roundtrip(suite, size):
    data = os.urandom(size)
    envelope = sealed(data, KEYS[suite], context="files", classical=True)
    assert opened(envelope, KEYS[suite], context="files") == data
    assert data not in envelope or size < 4


def test_every_recipient_opens_and_nobody_else():
    envelope = sealed(b"text", *KEYS.values(), classical=True)
    assert [opened(envelope, key) for key in KEYS.values()] == [b"text"] * len(KEYS)
    with pytest.raises(NotAuthentic, match="not for this key"):
        opened(envelope, PrivateKey.generate())


def test_pipes_that_give_a_few_bytes_at_a_time():
    class Pipe(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 1000))

    envelope, target = io.BytesIO(), io.BytesIO()
    data = os.urandom(2 * CHUNK_BYTES + 5)
    seal(Pipe(data), envelope, [KEY.public])
    open_(Pipe(envelope.getvalue()), target, KEY)
    assert target.getvalue() == data


def test_classical_suites_need_to_be_allowed():
    with pytest.raises(BadInput, match="quantum computer"):
        sealed(b"", KEYS["HPKE-X25519"])
    with pytest.raises(BadInput, match="does not encrypt"):
        sealed(b"", PrivateKey.generate("ML-DSA-65"))


@pytest.mark.parametrize("n", [0, 65])
def test_number_of_recipients_is_limited(n):
    with pytest.raises(BadInput, match="1 to 64"):
        seal(io.BytesIO(), io.BytesIO(), [Recipient(KEY.public, f"key{i}") for i in range(n)])


@pytest.mark.parametrize("name", ["a b", "ö", "x" * 129, "a\n"])
def test_names_of_recipients_are_printable_ascii(name):
    with pytest.raises(BadInput):
        Recipient(KEY.public, name)


def test_one_recipient_twice_is_refused():
    with pytest.raises(BadInput, match="twice"):
        seal(io.BytesIO(), io.BytesIO(), [KEY.public, KEY.public])


def test_context_is_part_of_what_opens():
    envelope = sealed(b"text", context="invoices")
    for context in ("", "invoice", "invoices\0"):
        with pytest.raises(NotAuthentic):
            opened(envelope, context=context)


def test_a_chunk_that_is_moved_repeated_left_out_or_cut_does_not_open():
    envelope = sealed(os.urandom(3 * CHUNK_BYTES + 10))
    at = len(envelope) - 3 * SEALED_CHUNK - 26
    assert at == HEADER_BYTES
    first, second, third, last = (
        envelope[at + i * SEALED_CHUNK : at + (i + 1) * SEALED_CHUNK] for i in range(4)
    )
    changed = [
        [second, first, third, last], [first, first, second, third, last], [first, third, last],
        [first, second, third], [first, second], [], [first, second, third, last, last], [last],
        [first, second, third, last[:-1]], [first, second, third[:-1], last],
        [first, second, third, last, b"\0"],
    ]  # fmt: skip
    for chunks in changed:
        with pytest.raises(NotAuthentic):
            opened(envelope[:at] + b"".join(chunks))


def test_payloads_of_two_envelopes_are_not_exchanged():
    one, two = sealed(b"one"), sealed(b"two")
    with pytest.raises(NotAuthentic):
        opened(one[:HEADER_BYTES] + two[HEADER_BYTES:])


def test_recipients_are_not_exchanged_added_or_reordered():
    other = KEYS["MLKEM1024-P384"]
    envelope, elsewhere = sealed(b"text", KEY, other), sealed(b"else", KEY, other)
    header, foreign = Header.read(io.BytesIO(envelope)), Header.read(io.BytesIO(elsewhere))
    payload = envelope[len(header.encode()) :]
    first, second = header.stanzas
    for stanzas in (
        (second, first), (first,), (first, foreign.stanzas[1]),
        (first, second, replace(second, key_id="more")),
        (first, replace(second, key_id="another")), (first, replace(second, suite_ids=(0x42, 2, 2))),
        (replace(first, suite_ids=(0x51, 2, 2)), second),
    ):  # fmt: skip
        with pytest.raises(NotAuthentic):
            opened(replace(header, stanzas=stanzas).encode() + payload)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_change_of_any_byte_opens(data):
    envelope = bytearray(ENVELOPE)
    how = data.draw(st.sampled_from(["flip", "insert", "delete", "cut", "append"]))
    at = data.draw(st.integers(0, len(envelope) - 1))
    if how == "flip":
        envelope[at] ^= data.draw(st.integers(1, 255))
    elif how == "insert":
        envelope[at:at] = data.draw(st.binary(min_size=1, max_size=40))
    elif how == "delete":
        del envelope[at : at + data.draw(st.integers(1, 40))]
    elif how == "cut":
        del envelope[at:]
    else:
        envelope += data.draw(st.binary(min_size=1, max_size=40))
    with pytest.raises(NotAuthentic):
        opened(bytes(envelope))


ENVELOPE = sealed(b"some text", KEY, KEYS["HPKE-ML-KEM-1024"])


def test_rewrapping_changes_the_header_only():
    new = KEYS["HPKE-ML-KEM-1024"]
    old = sealed(os.urandom(CHUNK_BYTES + 1), KEYS["HPKE-X25519"], classical=True)
    before = Header.read(io.BytesIO(old))
    payload = old[len(before.encode()) :]
    both = rewrap(before, KEYS["HPKE-X25519"], add=[new.public])
    assert both.key_ids == (*before.key_ids, new.public.fingerprint)
    assert both.stanzas[0] == before.stanzas[0]
    only = rewrap(both, new, drop=before.key_ids)
    for header, keys in ((both, (KEYS["HPKE-X25519"], new)), (only, (new,))):
        for key in keys:
            assert opened(header.encode() + payload, key) == opened(old, KEYS["HPKE-X25519"])
    with pytest.raises(NotAuthentic):
        opened(only.encode() + payload, KEYS["HPKE-X25519"])


def test_rewrapping_again_gives_the_same_recipients():
    once = rewrap(Header.read(io.BytesIO(ENVELOPE)), KEY, add=[KEYS["MLKEM1024-P384"].public])
    assert rewrap(once, KEY, add=[KEYS["MLKEM1024-P384"].public]).key_ids == once.key_ids


def test_rewrapping_refuses_to_leave_nobody_and_strangers():
    header = Header.read(io.BytesIO(ENVELOPE))
    with pytest.raises(BadInput, match="would have 0"):
        rewrap(header, KEY, drop=header.key_ids)
    with pytest.raises(NotAuthentic):
        rewrap(header, PrivateKey.generate(), add=[KEY.public])
    with pytest.raises(NotAuthentic):
        rewrap(replace(header, mac=bytes(48)), KEY, add=[KEY.public])


def test_a_header_rewrapped_for_another_envelope_is_refused():
    other = Header.read(io.BytesIO(sealed(b"another")))
    with pytest.raises(NotAuthentic):
        opened(ENVELOPE, rewrapped=lambda header: other)


def test_memory_does_not_grow_with_the_payload(tmp_path):
    path = tmp_path / "zeros"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    try:
        with path.open("rb") as source, (tmp_path / "sealed").open("wb") as target:
            seal(source, target, [KEY.public])
        with (tmp_path / "sealed").open("rb") as source, (tmp_path / "opened").open("wb") as target:
            open_(source, target, KEY)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "opened").stat().st_size == 64 << 20
    assert peak < 2 << 20


def test_the_format_read_by_the_page_alone():
    """What docs/envelope_format.md says, written out once more without the library's code."""
    envelope = sealed(b"as the page says", context="page")
    magic, fixed, n = envelope[:6], envelope[:76], envelope[76]
    assert (magic, envelope[6], envelope[7], envelope[24:28], n) == (b"NCRYPT", 1, 1, b"\0\1\0\0", 1)
    hashed = hashes.Hash(hashes.SHA384())
    hashed.update(b"page")
    assert fixed[28:] == hashed.finalize()
    ids, name_bytes, sealed_bytes = envelope[77:83], envelope[83], int.from_bytes(envelope[84:86])
    assert (ids, sealed_bytes) == (bytes.fromhex("647a00010002"), 1168)
    name, wrapped = envelope[86 : 86 + name_bytes], envelope[86 + name_bytes : 86 + name_bytes + sealed_bytes]
    info = b"NovaCron envelope 1 wrap" + fixed + ids + bytes([name_bytes]) + name
    data_key = SUITES["X-Wing"].hpke.decrypt(wrapped, KEY.hpke, info)
    end = 86 + name_bytes + sealed_bytes
    mac_key = HKDF(hashes.SHA384(), 32, fixed[8:24], b"NovaCron envelope 1 header").derive(data_key)
    mac = hmac.HMAC(mac_key, hashes.SHA384())
    mac.update(envelope[:end])
    mac.verify(envelope[end : end + 48])
    key = HKDF(hashes.SHA384(), 32, fixed[8:24], b"NovaCron envelope 1 payload").derive(data_key)
    assert AESGCM(key).decrypt(bytes(11) + b"\1", envelope[end + 48 :], fixed) == b"as the page says"
