"""Private keys in every form that OpenSSL 3.5 writes, read as the keys that OpenSSL says they are."""

import subprocess

import pytest

from novacron.crypto import PrivateKey, private_keys
from novacron.errors import BadInput
from testing import programs
from testing.patience import PATIENCE_S

PASSWORD = "Passwört-密码"


def openssl(*arguments, given=b""):
    path = programs.find("openssl")
    assert path is not None, programs.WHY
    command = [path, *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True, timeout=PATIENCE_S).stdout


@pytest.mark.parametrize(
    "name", ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"]
)
@pytest.mark.parametrize(
    "form", ["seed-priv", "priv-only", "seed-only", "oqskeypair", "bare-seed", "bare-priv"]
)
def test_lattices_in_all_forms(name, form):
    kind = "ml-dsa" if "DSA" in name else "ml-kem"
    made = openssl("genpkey", "-algorithm", name, "-provparam", f"{kind}.output_formats={form}")
    (part,) = private_keys.read(made)
    assert (part.name, part.seeded) == (name, "seed" in form)
    assert part.public == openssl("pkey", "-pubout", "-outform", "DER", given=made)
    assert (part.key is None) == (name == "ML-KEM-512" or "seed" not in form)


@pytest.mark.parametrize("name", ["SLH-DSA-SHA2-128f", "SLH-DSA-SHAKE-256s"])
def test_slh_dsa(name):
    made = openssl("genpkey", "-algorithm", name)
    (part,) = private_keys.read(made)
    assert (part.name, part.key) == (name, None)
    assert part.public == openssl("pkey", "-pubout", "-outform", "DER", given=made)
    assert part.raw and part.public and part.public.endswith(part.raw[len(part.raw) // 2 :])


@pytest.mark.parametrize("algorithm", ["ML-DSA-65", "ED25519", "ML-KEM-768", "X25519"])
@pytest.mark.parametrize(
    "sealing",
    [
        [], ["-scrypt"], ["-v2", "aes-128-cbc"], ["-v2", "des3"], ["-v2prf", "hmacWithSHA512"],
        ["-v2prf", "hmacWithSHA1"], ["-iter", "100000"], ["-scrypt", "-scrypt_N", "4096"],
    ],
)  # fmt: skip
def test_encrypted_by_pbes2(algorithm, sealing):
    made = openssl("genpkey", "-algorithm", algorithm)
    argument = ["-passout", f"pass:{PASSWORD}"]
    for form in ("PEM", "DER"):
        closed = openssl("pkcs8", "-topk8", "-outform", form, *sealing, *argument, given=made)
        assert private_keys.needs_password(closed)
        (part,) = private_keys.read(closed, PASSWORD)
        assert part.public == openssl("pkey", "-pubout", "-outform", "DER", given=made)
        for wrong in ("Passwort", "", None):
            with pytest.raises(BadInput) as refused:
                private_keys.read(closed, wrong)
            assert refused.value.field == "password"


def test_genpkey_with_a_cipher():
    closed = openssl("genpkey", "-algorithm", "ML-DSA-65", "-aes-256-cbc", "-pass", f"pass:{PASSWORD}")
    assert PrivateKey.from_pem(closed, PASSWORD).algorithm == "ML-DSA-65"


@pytest.mark.parametrize("curve", ["P-256", "P-384"])
def test_traditional_forms(curve):
    made = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"group:{curve}")
    old = openssl("ec", given=made)
    assert b"BEGIN EC PRIVATE KEY" in old
    closed = openssl("ec", "-aes256", "-passout", f"pass:{PASSWORD}", given=made)
    parameters = openssl("ecparam", "-name", {"P-256": "prime256v1", "P-384": "secp384r1"}[curve])
    public = openssl("pkey", "-pubout", "-outform", "DER", given=made)
    for data in (made, old, closed, parameters + old, openssl("ec", "-outform", "DER", given=made)):
        (part,) = private_keys.read(data, PASSWORD)
        assert (part.name, part.public) == (curve, public)


def test_a_certificate_beside_its_key_is_left_alone():
    made = openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "-", "-subj", "/CN=a")
    assert [part.name for part in private_keys.read(made)] == ["Ed25519"]
