"""Private keys that other software wrote, from the RFCs' appendices, OpenSSL and the libraries themselves."""

import base64
from typing import Any

import pytest
from Crypto.PublicKey import MLDSA, MLKEM
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.algorithms import find
from novacron.crypto.keys import PrivateKey
from novacron.errors import BadInput
from testing.published_keys import INCONSISTENT, RFC, VECTORS, XWING
from workers.crypto import providers
from workers.crypto.keys.private_keys import import_private

PASSWORD = "correct horse"


def der(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def pkcs8(key: Any, password=None, form=encoding.PrivateFormat.PKCS8, code=encoding.Encoding.PEM) -> Any:
    sealing = encoding.BestAvailableEncryption(password.encode()) if password else encoding.NoEncryption()
    return key.private_bytes(code, form, sealing)


def public_of(name: str, stored: bytes) -> bytes:
    provider = providers.load(find(name))
    return provider.public_bytes(name, provider.load_private(name, stored))


@pytest.mark.parametrize("name", RFC)
@pytest.mark.parametrize("form", ["seed", "expanded", "both"])
@pytest.mark.parametrize("read", [bytes, der], ids=["pem", "der"])
def test_the_examples_of_the_rfcs(name, form, read):
    algorithm, stored = import_private(read((VECTORS / f"{RFC[name]}_{form}.pem").read_bytes()))
    found = find(name)
    expected = found.expanded_private_key_bytes if form == "expanded" else found.private_key_bytes
    assert (algorithm, len(stored)) == (name, expected)
    library = MLKEM if found.type == "kem" else MLDSA
    public = library.import_key((VECTORS / f"{RFC[name]}_public.pem").read_text())
    assert public_of(name, stored) == (public.ek if found.type == "kem" else public.pk)


@pytest.mark.parametrize("path", INCONSISTENT, ids=lambda path: path.stem)
@pytest.mark.parametrize("read", [bytes, der], ids=["pem", "der"])
def test_parts_that_do_not_fit_together_are_refused(path, read):
    with pytest.raises(BadInput) as caught:
        import_private(read(path.read_bytes()))
    assert caught.value.field == "private_key" and caught.value.value is None


def test_all_seven_are_there():
    assert len(INCONSISTENT) == 7


@pytest.mark.parametrize("name", ["ml_kem_768", "ml_dsa_65"])
def test_what_openssl_wrote_with_and_without_a_password(name):
    folder = VECTORS / ("MLKEM" if "kem" in name else "MLDSA")
    opened = import_private((folder / f"openssl_{name}_private_enc.der").read_bytes(), "password")
    assert opened == import_private((folder / f"openssl_{name}_private.der").read_bytes())
    assert opened[1].hex() == (folder / f"openssl_{name}_seed.hex").read_text().strip().lower()


@pytest.mark.parametrize("form", ["seed", "expanded"])
def test_an_encrypted_key_needs_its_password(form):
    made = MLDSA.generate(param_set=MLDSA.ML_DSA_44)
    key = made if form == "seed" else MLDSA.construct(param_set=MLDSA.ML_DSA_44, sk=made.sk)
    parameters = {"iteration_count": 1000}
    text = key.export_key(format="PEM", passphrase=PASSWORD, prot_params=parameters).encode()
    assert import_private(text, PASSWORD) == ("ML-DSA-44", made.seed if form == "seed" else made.sk)
    for wrong in (None, "", "battery staple"):
        with pytest.raises(BadInput) as caught:
            import_private(text, wrong)
        assert caught.value.field == "password" and caught.value.value is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (x25519.X25519PrivateKey.generate(), "HPKE-X25519"),
        (ec.generate_private_key(ec.SECP256R1()), "ECDSA-P256"),
        (ec.generate_private_key(ec.SECP384R1()), "ECDSA-P384"),
        (rsa.generate_private_key(65537, 2048), "RSA-2048"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_classical_keys(key, name):
    found, stored = import_private(pkcs8(key))
    assert found == name
    assert import_private(pkcs8(key, code=encoding.Encoding.DER)) == (found, stored)
    assert import_private(pkcs8(key, PASSWORD), PASSWORD) == (found, stored)
    assert import_private(pkcs8(key), "a password it does not need") == (found, stored)
    if name.startswith(("EC", "RSA")):
        traditional = encoding.PrivateFormat.TraditionalOpenSSL
        assert import_private(pkcs8(key, form=traditional)) == (found, stored)
    provider = providers.load(find(name))
    assert provider.private_bytes(name, provider.load_private(name, stored)) == stored


@pytest.mark.parametrize("name", ["X-Wing", "MLKEM1024-P384"])
@pytest.mark.parametrize("password", [None, PASSWORD])
def test_hybrids_are_two_blocks(name, password):
    made = PrivateKey.generate(name)
    found, stored = import_private(made.pem(password).encode(), password)
    assert found == name and public_of(name, stored) == made.public.raw


def test_what_a_key_is_for_says_which_algorithm_it_is_of():
    made = PrivateKey.generate("HPKE-ML-KEM-1024")
    text = made.pem().encode()
    assert import_private(text)[0] == import_private(text, usage="decapsulate")[0] == "ML-KEM-1024"
    name, stored = import_private(text, usage="decrypt")
    assert name == "HPKE-ML-KEM-1024" and public_of(name, stored) == made.public.raw
    expanded = (VECTORS / f"{RFC['ML-KEM-1024']}_expanded.pem").read_bytes()
    with pytest.raises(BadInput, match="must hold its seed"):
        import_private(expanded, usage="decrypt")
    assert (
        import_private((VECTORS / f"{RFC['ML-DSA-65']}_seed.pem").read_bytes(), usage="decrypt")[0]
        == "ML-DSA-65"
    )


def test_the_post_quantum_key_of_a_hybrid_must_have_a_seed():
    made = MLKEM.generate(param_set=MLKEM.ML_KEM_768)
    expanded = MLKEM.construct(param_set=MLKEM.ML_KEM_768, expanded_dk=made.expanded_dk)
    text = expanded.export_key(format="PEM").encode() + b"\n" + pkcs8(x25519.X25519PrivateKey.generate())
    with pytest.raises(BadInput, match="must hold its seed"):
        import_private(text)


@pytest.mark.parametrize("form", [encoding.PrivateFormat.OpenSSH, encoding.PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("password", [None, "ä"])
def test_forms_of_other_programs(form, password):
    key = ec.generate_private_key(ec.SECP256R1())
    assert import_private(pkcs8(key, password, form), password) == import_private(pkcs8(key))


def test_a_seed_of_x_wing():
    seed, public = XWING
    name, stored = import_private(seed)
    assert name == "X-Wing" and public_of(name, stored) == public


@pytest.mark.parametrize("name", ["ML-DSA-65", "Ed25519", "X-Wing"])
def test_passwords_are_utf_8(name):
    made = PrivateKey.generate(name)
    found, stored = import_private(made.pem("Schlüßel-密").encode(), "Schlüßel-密")
    assert found == name and public_of(name, stored) == made.public.raw


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (lambda: b"", "is not a private key"),
        (lambda: b"-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n", "can be read"),
        (lambda: (VECTORS / f"{RFC['ML-KEM-768']}_public.pem").read_bytes(), "holds 0"),
        (lambda: pkcs8(ed25519.Ed25519PrivateKey.generate()) * 3, "holds 3"),
        (lambda: pkcs8(ed25519.Ed25519PrivateKey.generate()) * 2, "are not the keys of one algorithm"),
        (lambda: pkcs8(ed448.Ed448PrivateKey.generate()), "is of a type, curve or size"),
        (lambda: pkcs8(ec.generate_private_key(ec.SECP521R1())), "is of a type, curve or size"),
        (lambda: pkcs8(rsa.generate_private_key(65537, 1024)), "is of a type, curve or size"),
        (lambda: pkcs8(dsa.generate_private_key(1024)), "is of a type, curve or size"),
    ],
)
def test_what_is_no_key_for_the_store_is_refused(text, rule):
    with pytest.raises(BadInput, match=rule) as caught:
        import_private(text())
    assert caught.value.field == "private_key" and caught.value.value is None


SAMPLES = [(VECTORS / f"{RFC[name]}_{form}.pem").read_bytes() for name in RFC for form in ("seed", "both")]


@given(sample=st.sampled_from(SAMPLES), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_key_is_read_whole_or_refused_without_a_word_of_it(sample, data):
    """A change either leaves a key that works, or is answered with a refusal that shows no part of it."""
    encoded = data.draw(st.sampled_from([sample, der(sample)]))
    at = data.draw(st.integers(0, len(encoded) - 1))
    changed = encoded[:at] + data.draw(st.binary(max_size=3)) + encoded[at + 1 :]
    try:
        name, stored = import_private(changed)
    except BadInput as error:
        assert error.value is None and error.field in ("private_key", "password")
        return
    assert public_of(name, stored)


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_refused_in_one_way(data):
    with pytest.raises(BadInput):
        import_private(data)
