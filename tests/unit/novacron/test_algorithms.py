import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.algorithms import ALGORITHMS, COMPONENTS, find
from novacron.crypto import library_keys
from novacron.errors import BadInput
from novacron.specs.crypto import key_usage
from novacron.tls.groups import POST_QUANTUM_GROUPS


def test_every_algorithm_is_whole():
    for name, one in ALGORITHMS.items():
        assert one.name == name and one.providers and 0 <= one.nist_level <= 5
        assert one.quantum_vulnerable is (one.nist_level == 0)
        sizes = {
            "kem": (one.ciphertext_bytes, one.shared_secret_bytes),
            "signature": (one.signature_bytes,),
            "encryption": (one.ciphertext_bytes,),
        }[one.type]
        assert all(sizes) and one.public_key_bytes > 0


def test_identifiers_are_their_own():
    oids = [one.oid for one in ALGORITHMS.values() if one.oid and not one.name.startswith("RSA")]
    assert len(oids) == len(set(oids))
    assert ALGORITHMS["SLH-DSA-SHAKE-256f"].oid == "2.16.840.1.101.3.4.3.31"
    assert ALGORITHMS["ML-DSA-65"].oid == "2.16.840.1.101.3.4.3.18"


@given(st.sampled_from([*ALGORITHMS]), st.data())
def test_case_and_hyphens_do_not_matter(name, data):
    spelt = "".join(data.draw(st.sampled_from([one.lower(), one.upper()])) for one in name)
    assert find(spelt) is find(spelt.replace("-", "")) is find(spelt.replace("-", "_")) is ALGORITHMS[name]


@pytest.mark.parametrize("name", [*library_keys.LATTICES, *library_keys.MONTGOMERY_AND_EDWARDS])
def test_the_sizes_are_those_of_the_library(name):
    private = (library_keys.LATTICES | library_keys.MONTGOMERY_AND_EDWARDS)[name].private.generate()
    sizes = len(private.public_key().public_bytes_raw()), len(private.private_bytes_raw())
    assert sizes == (COMPONENTS[name].public_key_bytes, COMPONENTS[name].private_key_bytes)


def test_a_hybrid_is_as_long_as_its_components():
    for one in ALGORITHMS.values():
        if one.parts and one.type == "encryption":
            parts = [COMPONENTS[name] for name in one.parts]
            assert one.public_key_bytes == sum(part.public_key_bytes for part in parts)
            assert one.private_key_bytes == sum(part.private_key_bytes or 0 for part in parts)


def test_what_an_algorithm_is_used_as_is_there():
    for one in ALGORITHMS.values():
        assert set(one.tls_groups) <= {*POST_QUANTUM_GROUPS}
        assert all(
            ALGORITHMS[name].type == "encryption" and one.name in ALGORITHMS[name].parts for name in one.hpke
        )
    assert ALGORITHMS["ML-KEM-768"].tls_groups[0] == "X25519MLKEM768", "the hybrid is preferred"


def test_certificates_are_made_for_known_algorithms():
    for name, rule in key_usage.FAMILIES.items():
        assert rule.signs is (ALGORITHMS[name].type == "signature")


def test_aliases_are_found():
    assert find("MLKEM768-X25519").name == "X-Wing"
    assert find("ES256").name == "ECDSA-P256"


@pytest.mark.parametrize("name", [one.name for one in ALGORITHMS.values() if one.status == "round3"])
def test_a_third_round_submission_is_never_the_standard(name):
    one, standard = find(name.lower()), find(find(name).successor)
    assert one is find(f"{name[:5]}-{name[5:]}") and one.name == name
    assert (one.status, one.oid) == ("round3", "") and standard.status == "standard"
    assert (one.type, one.nist_level) == (standard.type, standard.nist_level)
    assert not {name, *one.aliases} & {standard.name, *standard.aliases}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ML-KEM-786", "did you mean 'ML-KEM-768'?"),
        ("SLH-DSA-SHA2-128", "did you mean 'SLH-DSA-SHA2-128"),
        ("Enigma", "known: ML-KEM-512"),
        ("", "known"),
        (None, "known"),
        (768, "known"),
    ],
)
def test_an_unknown_algorithm_is_answered_with_the_nearest(name, hint):
    with pytest.raises(BadInput) as caught:
        find(name)
    assert caught.value.field == "algorithm" and hint in str(caught.value.hint)


@given(st.text(max_size=30))
def test_any_text_is_an_algorithm_or_refused(text):
    try:
        assert find(text).name in ALGORITHMS
    except BadInput as error:
        assert error.field == "algorithm"
