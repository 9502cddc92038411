"""Keys and certificates that stand in text of any kind: whatever keeps them from being seen at once."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from novacron.crypto import der
from novacron.migration import InventoryError
from shared.crypto.found import Found
from testing.patience import PATIENCE_S
from tests.unit.workers.crypto.inventory import forms
from tests.unit.workers.crypto.inventory.forms import certificate, jwk, pem_of, private
from workers.crypto.inventory import content, limits
from workers.crypto.inventory.limits import Limits, listed

DATA = Path(__file__).resolve().parents[5] / "data" / "crypto"
KEY, LEAF = private("EC-P256"), pem_of(certificate())


def read(data: bytes) -> tuple[list[Found], list[str]]:
    found = list(listed(content.read(data, "here", Limits()), "here"))
    assert all(one.asset(forms.NOW) for one in found if isinstance(one, Found))
    return [one for one in found if isinstance(one, Found)], [
        one.error for one in found if isinstance(one, InventoryError)
    ]


def algorithms(data: bytes) -> list[str]:
    found, errors = read(data)
    assert not errors, errors
    return [one.algorithm for one in found]


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def prefixed(prefix: bytes, data: bytes) -> bytes:
    return b"".join(prefix + line + b"\n" for line in data.splitlines())


BOTH = KEY + LEAF
KEY_DER, LEAF_DER = private("EC-P256", encoding=Encoding.DER), certificate().public_bytes(Encoding.DER)
JSON = json.dumps({"pem": BOTH.decode()})
TEXTS = {
    "UTF-8 with a byte order mark": b"\xef\xbb\xbf" + BOTH,
    "UTF-16 with a mark": BOTH.decode().encode("utf-16"),
    "UTF-16 without one, little-endian": BOTH.decode().encode("utf-16-le"),
    "UTF-16 without one, big-endian": BOTH.decode().encode("utf-16-be"),
    "UTF-32": BOTH.decode().encode("utf-32"),
    "CR and LF": BOTH.replace(b"\n", b"\r\n"),
    "CR alone": BOTH.replace(b"\n", b"\r"),
    "YAML, literal": b"tls:\n  pem: |\n" + prefixed(b"    ", BOTH),
    "YAML, folded": b"tls:\n  pem: >-\n" + prefixed(b"\t", BOTH.replace(b"\n", b"\n\n")),
    "YAML, quoted": b'pem: "' + BOTH.replace(b"\n", b"\\n\\\n    ") + b'"\n',
    "JSON": json.dumps({"a": [{"pem": BOTH.decode()}]}).encode(),
    "JSON in JSON": json.dumps({"a": json.dumps({"pem": BOTH.decode()})}).encode(),
    "JSON with escaped signs": JSON.replace("/", "\\/").replace("+", "\\u002B").encode(),
    "a dotenv file": b'A=1\nKEY="' + BOTH.replace(b"\n", b"\\n") + b'"\nB=2\n',
    "a shell script": b"cat > key.pem <<EOF\n" + BOTH + b"EOF\n",
    "a comment": prefixed(b"# ", BOTH),
    "a quotation": prefixed(b"> > ", BOTH),
    "a program": b'String pem =\n  "' + BOTH.strip().replace(b"\n", b'\\n" +\n  "') + b'";',
    "a list of lines": json.dumps(BOTH.decode().splitlines(), indent=1).encode(),
    "a Secret of Kubernetes": f"kind: Secret\ndata:\n a.key: {coded(KEY)}\n a.crt: {coded(LEAF)}\n".encode(),
    "the same in JSON": json.dumps({"data": {"key": coded(KEY), "crt": coded(LEAF)}}).encode(),
    "base64 of base64": f"a: {coded(coded(KEY).encode())}\nb: {coded(coded(LEAF).encode())}".encode(),
    "base64 of UTF-16": coded(BOTH.decode().encode("utf-16")).encode(),
    "base64 on lines": base64.encodebytes(BOTH),
    "base64 of DER": f"a: {coded(KEY_DER)}\nb: {coded(LEAF_DER)}\n".encode(),
    "DER in XML": f"<K>\n{coded(KEY_DER)}</K><C>{base64.encodebytes(LEAF_DER).decode()}</C>".encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_keys_and_certificates_are_found_in(name):
    assert algorithms(TEXTS[name]) == ["EC-P256", "ECDSA-P256"]


def test_a_damaged_key_is_counted_wherever_it_stands():
    broken = KEY.replace(b"\nM", b"\n!")
    for data in (
        broken, prefixed(b"   ", broken), json.dumps({"a": broken.decode()}).encode(),
        b"a: " + base64.b64encode(broken), broken.decode().encode("utf-16"),
    ):  # fmt: skip
        assert read(data) == ([], ["block 1, PRIVATE KEY, cannot be read"]), data


def test_a_program_that_mentions_labels_holds_no_key():
    text = (
        b'BEGIN = "-----BEGIN PRIVATE KEY-----"\nif text.startswith("-----BEGIN RSA PRIVATE KEY-----"): ...\n'
    )
    assert read(text + b'pem = "-----BEGIN CERTIFICATE-----\\n" + body + "\\n-----END CERTIFICATE-----"') == (
        [],
        [],
    )


def test_keys_within_programs():
    """A program in machine code with a certificate in its data, beside the strings of its own parser."""
    binary = b"\x7fELF\0\0-----BEGIN CERTIFICATE-----\0" + bytes(100) + BOTH + b"\0-----END X509 CRL-----\0"
    assert algorithms(binary) == ["EC-P256", "ECDSA-P256"]


JWKS = {
    "nested": {"issuer": "x", "oauth": {"jwks": {"keys": [jwk(), jwk(kid="2")]}}},
    "a list": [jwk(), jwk(kid="2")],
    "a list of sets": [{"keys": [jwk()]}, {"keys": [jwk(kid="2")]}],
    "by name": {"a": jwk(), "b": jwk(kid="2")},
    "in a string": {"data": {"jwks.json": json.dumps({"keys": [jwk(), jwk(kid="2")]})}},
}  # fmt: skip


@pytest.mark.parametrize("name", JWKS)
def test_json_web_keys_anywhere_in_json(name):
    for data in (json.dumps(JWKS[name]), json.dumps(JWKS[name], indent=2), "\ufeff" + json.dumps(JWKS[name])):
        assert algorithms(data.encode()) == ["RSA-2048"] * 2


def test_json_web_keys_in_other_text():
    nested = {"ext": {"a": {}}, **jwk()}
    yaml = f"data:\n  jwks.json: |\n    {json.dumps({'keys': [nested, jwk(kid='2')]}, indent=4)}\nend: 1\n"
    assert algorithms(yaml.encode()) == ["RSA-2048"] * 2
    assert algorithms(f"a = {json.dumps(jwk())}; b = {{ // {json.dumps(jwk())}".encode()) == ["RSA-2048"] * 2
    assert algorithms(f"jwks: {coded(json.dumps(jwk()).encode())}".encode()) == ["RSA-2048"]
    assert read(b'{"kty": 1} {"kty"') == ([], [])


def test_tokens_within_text():
    assert algorithms(b'TOKEN="' + forms.token({"alg": "ES256"}) + b'"\n') == ["ES256"]


@pytest.mark.parametrize("name", ["putty_ed25519.ppk", "putty_version_2.ppk", "putty_ecdsa_encrypted.ppk"])
def test_keys_of_putty(name):
    (found,), errors = read((DATA / name).read_bytes())
    assert not errors and found.kind == "ssh_key" and found.details["private"]
    assert found.algorithm == ("ECDSA-P384" if "ecdsa" in name else "Ed25519")
    assert found.details["encrypted"] is ("encrypted" in name) and bool(found.findings) is (
        "encrypted" not in name
    )


def test_public_keys_of_rfc_4716_are_those_of_the_private_ones():
    fingerprints = {
        read((DATA / name).read_bytes())[0][0].fingerprint
        for name in ("putty_ed25519.ppk", "putty_ed25519_rfc4716.pub", "putty_ed25519.pub")
    }
    assert len(fingerprints) == 1
    if shutil.which("ssh-keygen"):
        told = subprocess.run(
            ["ssh-keygen", "-lf", DATA / "putty_ed25519.pub"], capture_output=True, check=True
        )
        assert fingerprints == {told.stdout.decode().split()[1]}


def test_damaged_keys_of_other_programs_are_counted():
    assert read((DATA / "putty_ed25519.ppk").read_bytes().replace(b"Public-Lines: 2", b"Public-Lines: x"))[1]
    assert read(b"PuTTY-User-Key-File-9: ssh-ed25519\n")[1]
    assert read((DATA / "ssh_com.key").read_bytes()) == (
        [], ["an SSH2 key that is private, or has no end, is not read"]
    )  # fmt: skip
    assert read(b"AGE-SECRET-KEY-1ASZCZFK6U08TQLY9P4R4XCY8P2TCQXHRE5H97X3MAXZF4LGEDWAQR9K05Q\n") == (
        [], ["an age identity that is damaged"]
    )  # fmt: skip


def test_keys_of_age():
    private_, public_ = sorted(
        read((DATA / "age.key").read_bytes())[0], key=lambda one: not one.details["private"]
    )
    assert (private_.algorithm, public_.algorithm) == ("X25519", "X25519")
    assert private_.fingerprint == public_.fingerprint and private_.findings and not public_.findings
    (sealed,), errors = read((DATA / "sealed_armoured.age").read_bytes())
    assert (sealed.kind, sealed.algorithm, errors) == ("envelope", "X25519", [])


def test_keys_of_wireguard():
    own, peer = ((DATA / name).read_text().strip() for name in ("wg_private", "wg_public"))
    texts = {
        "wg-quick": f"[Interface]\nPrivateKey = {own}\n[Peer]\nPublicKey={peer}\nPresharedKey = {own}\n",
        "networkd": f"[WireGuard]\nPrivateKey={own}\n[WireGuardPeer]\nPublicKey={peer}\nPresharedKey={own}\n",
        "NetworkManager": f"[wireguard]\nprivate-key={own}\n\n[wireguard-peer.{peer}]\npreshared-key={own}\n",
        "netplan": f"wg0:\n  mode: wireguard\n  key: {own}\n  public-key: {peer}\n  shared-key: {own}\n",
    }  # fmt: skip
    for name, text in texts.items():
        found, errors = read(text.encode())
        assert not errors and [one.algorithm for one in found] == ["X25519", "X25519", "ChaCha20-Poly1305"], (
            name
        )
        assert found[0].fingerprint == found[1].fingerprint
        assert not found[2].asset(forms.NOW).quantum_vulnerable
    (reason,) = read((DATA / "wg_private").read_bytes())[1]
    assert reason.startswith("32 bytes in base64")


def test_keys_of_ssh_in_configuration():
    line = forms.ssh_public("Ed25519").decode()
    for text in (f'{{"ssh_keys": ["{line} anna@laptop"]}}', f"users:\n  - key: {line}\n", f"KEY='{line}'\n"):
        assert algorithms(text.encode()) == ["Ed25519"]
    assert algorithms(f"data: {coded(line.encode())}".encode()) == ["Ed25519"]
    assert algorithms(coded(private("Ed25519", PrivateFormat.OpenSSH)).encode()) == ["Ed25519"]


@pytest.mark.parametrize(("data", "reason"), [
    (b"7z\xbc\xaf\x27\x1c" + bytes(40), "7z"), (b"Rar!\x1a\x07\0" + bytes(40), "RAR"),
    (b"\x28\xb5\x2f\xfd" + bytes(40), "Zstandard"), (b"!<arch>\ndebian-binary", "ar archive"),
    (b"\0\0\0\2\0\0\0\x14" + bytes(40), "BKS"), (b"LUKS\xba\xbe\0\1" + bytes(40), "LUKS"),
    (b"SQLite format 3\0" + bytes(40) + b"CREATE TABLE nssPrivate", "NSS"),
    (b"\0\0\0\x20\1\1\0\2KBXf" + bytes(40), "OpenPGP"), (b"\x99\x01\x0d\x04" + bytes(60), "OpenPGP"),
    (b"-----BEGIN PGP MESSAGE-----\n\nlQOYBF\n=abcd\n-----END PGP MESSAGE-----\n", "OpenPGP"),
    (b"\x30\x82\x01\x00" + bytes(256), "DER that is no"),
    (b"LZIP\x01" + bytes(40), "lzip"), (b"\x1f\x9d\x90" + bytes(40), "compress"),
    (b"hsqs" + bytes(40), "SquashFS"),
    (b"key=" + quote(KEY).encode(), "PEM in percent-encoding"),
    (b"key=" + quote_plus(KEY).encode(), "PEM in percent-encoding"),
    (b"key: " + KEY.hex().encode(), "PEM in hexadecimal"),
])  # fmt: skip
def test_what_is_not_read_is_counted_with_its_reason(data, reason):
    found, errors = read(data)
    assert not found and len(errors) == 1 and reason in errors[0]


def test_base64_for_addresses_and_without_padding():
    for data, expected in ((LEAF_DER, ["ECDSA-P256"]), (KEY_DER, ["EC-P256"])):
        for coding in (base64.b64encode, base64.urlsafe_b64encode):
            whole = b"x=" + coding(data)
            assert algorithms(whole) == algorithms(whole.rstrip(b"=")) == expected
    assert read(b"a-name-of-many-words-with-hyphens_and_lines and-another-one-of-these-here") == ([], [])


def test_more_forms_in_pem():
    numbers = base64.encodebytes(b"\x30\x0b\x02\x06\0\xff" + b"\1" * 4 + b"\x02\x01\x02")
    parameters = b"-----BEGIN DH PARAMETERS-----\n" + numbers
    (found,), errors = read(parameters + b"-----END DH PARAMETERS-----\n")
    assert not errors and found.algorithm == "DH-40"
    trusted = (
        certificate().public_bytes(Encoding.DER) + b"\x30\x0c\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"
    )
    text = (
        b"-----BEGIN TRUSTED CERTIFICATE-----\n"
        + base64.encodebytes(trusted)
        + b"-----END TRUSTED CERTIFICATE-----"
    )
    assert algorithms(text) == ["ECDSA-P256"]


def test_nesting_has_an_end():
    data = KEY
    for _ in range(9):
        data = base64.b64encode(data)
    assert read(data) == ([], ["nested deeper than 4 times"])


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("data", [
    b'-----BEGIN PRIVATE KEY-----\n"' + b" " * 300_000 + b"x\n-----END PRIVATE KEY-----\n",
    b'{"kty"' * 60_000, b'{"a":' * 2_000 + b'"kty"' * 2_000, b'{"kty": "RSA"' + b"," * 100_000,
    b"eyJ" * 300_000, b"A" * 1_000_000, b"AGE-PLUGIN-" * 50_000, b"ssh-rsa AAAA " * 50_000,
    b"\\" * 500_000, (b"A" * 23 + b" ") * 40_000, b"[Interface]\nkey = " * 30_000,
    b"-----BEGIN A-----" * 40_000, b"\x30\x80" * 200_000, b"\x24\x80" * 200_000,
])  # fmt: skip
def test_text_that_is_made_to_take_long_takes_no_longer(data):
    """Each takes hours where time is not linear, and well under a second where it is."""
    found, errors = read(data)
    assert not found and len(errors) <= limits.MOST_ERRORS + 1
    assert not any("took more than" in error for error in errors)


@pytest.mark.timeout(PATIENCE_S)
def test_the_primes_of_a_key_are_not_tested():
    """Their test would take hours for primes of a hundred thousand bits."""
    n = (1 << 44497) - 1, (1 << 86243) - 1  # Mersenne primes
    numbers = [0, n[0] * n[1], 65537, 3, *n, 3, 3, 3]
    key = der.encoded(der.SEQUENCE, *(
        der.encoded(der.INTEGER, one.to_bytes(one.bit_length() // 8 + 1, "big")) for one in numbers
    ))  # fmt: skip
    (found,), errors = read(key)
    assert not errors and found.algorithm == "RSA-130740"
