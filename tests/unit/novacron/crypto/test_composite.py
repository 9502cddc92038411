"""Composite signatures against the vectors of the draft."""

import base64
import io
import json
from pathlib import Path

import pytest

from novacron.crypto import composite, composite_keys
from novacron.errors import BadInput, NotAuthentic

VECTORS = json.loads(
    (Path(__file__).parents[3] / "data" / "crypto" / "composite_signatures.json").read_text()
)
TESTS = {
    one["tcId"]: {name: base64.b64decode(one[name]) for name in one if name != "tcId"}
    for one in VECTORS["tests"]
}
MESSAGE, CONTEXT = base64.b64decode(VECTORS["m"]), base64.b64decode(VECTORS["ctx"])


def verify(name, public, message, signature, context=b""):
    composite.verify(name, public, io.BytesIO(message), signature, context=context, draft=True)


def test_all_eighteen_are_here():
    assert TESTS.keys() == composite.COMPOSITES.keys()
    assert len(TESTS) == 18


@pytest.mark.parametrize("name", composite.COMPOSITES)
def test_published_signatures_verify_and_changed_ones_do_not(name):
    one = TESTS[name]
    verify(name, one["pk"], MESSAGE, one["s"])
    verify(name, one["pk"], MESSAGE, one["sWithContext"], CONTEXT)
    halves = composite.COMPOSITES[name].lattice.signature_bytes
    for signature in (
        one["sWithContext"], one["s"][:halves], one["s"][halves:], one["s"] + b"\0", b"",
        bytes([one["s"][0] ^ 1]) + one["s"][1:], one["s"][:-1] + bytes([one["s"][-1] ^ 1]),
    ):  # fmt: skip
        with pytest.raises(NotAuthentic):
            verify(name, one["pk"], MESSAGE, signature)
    with pytest.raises(NotAuthentic):
        verify(name, one["pk"], MESSAGE + b"!", one["s"])


@pytest.mark.parametrize("name", composite.COMPOSITES)
def test_published_private_keys_sign(name):
    one = TESTS[name]
    signature = composite.sign(name, one["sk"], io.BytesIO(MESSAGE), context=CONTEXT, draft=True)
    verify(name, one["pk"], MESSAGE, signature, CONTEXT)
    assert composite_keys.read_private(_pem(one["sk_pkcs8"])) == (name, one["sk"])
    half = composite.COMPOSITES[name].traditional
    assert half.dump_private(half.load_private(one["sk"][32:])) == one["sk"][32:]


@pytest.mark.parametrize("name", [name for name in composite.COMPOSITES if "RSA" not in name])
def test_new_keys_in_files(name):
    public_pem, private_pem = composite_keys.generate_pem(name, draft=True)
    (known, public), (same, private) = (
        composite_keys.read_public(public_pem.encode()), composite_keys.read_private(private_pem.encode()),
    )  # fmt: skip
    assert known == same == name
    assert (len(public), len(private)) == (len(TESTS[name]["pk"]), len(TESTS[name]["sk"]))
    verify(name, public, MESSAGE, composite.sign(name, private, io.BytesIO(MESSAGE), draft=True))


def test_a_draft_is_asked_for_by_name():
    name = "id-MLDSA65-Ed25519-SHA512"
    for act in (
        lambda: composite.generate(name),
        lambda: composite.sign(name, b"", io.BytesIO()),
        lambda: composite.verify(name, b"", io.BytesIO(), b""),
    ):
        with pytest.raises(BadInput, match="draft"):
            act()


def test_bad_input_is_refused():
    name = "id-MLDSA65-Ed25519-SHA512"
    for act in (
        lambda: composite.generate("id-nothing", draft=True),
        lambda: composite.sign(name, b"short", io.BytesIO(), draft=True),
        lambda: verify(name, b"short", b"", b""),
        lambda: verify(name, TESTS[name]["pk"], b"", b"", bytes(256)),
        lambda: composite_keys.read_private(b""),
        lambda: composite_keys.read_public(_pem(TESTS[name]["sk_pkcs8"])),
        lambda: composite_keys.read_private(_pem(b"\x30\x00")),
    ):
        with pytest.raises(BadInput):
            act()


def _pem(der):
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"
