"""Which provider is taken, and what must hold before one is used."""

import pytest
from Crypto.PublicKey import MLKEM

from novacron.algorithms import find
from novacron.errors import BadInput
from shared.crypto import libraries
from workers.crypto import providers
from workers.crypto.providers import self_test
from workers.crypto.providers.pyca import PycaProvider
from workers.crypto.providers.pycryptodome import PycryptodomeProvider


@pytest.fixture(autouse=True)
def fresh():
    for cached in (providers.load, providers.second):
        cached.cache_clear()
    yield
    for cached in (providers.load, providers.second):
        cached.cache_clear()


@pytest.fixture
def only(monkeypatch):
    def say(*names):
        here = lambda one: [name for name in one.providers if name in names]  # noqa: E731
        monkeypatch.setattr(libraries, "present", here)

    return say


def test_the_preferred_one_and_another():
    for name in ("ML-KEM-768", "ML-DSA-65", "X-Wing", "HPKE-X25519"):
        assert providers.load(find(name)).name == "cryptography"
        other = providers.second(find(name))
        assert other is not None and other.name == "pycryptodome"
    assert providers.load(find("ML-KEM-512")).name == "pycryptodome"
    assert providers.second(find("ML-KEM-512")) is None
    assert providers.second(find("Ed25519")) is None


def test_what_is_here_is_taken(only):
    only("pycryptodome")
    assert providers.load(find("ML-DSA-44")).name == "pycryptodome"
    assert providers.second(find("ML-DSA-44")) is None


def test_what_no_library_here_has_is_refused_with_the_name_of_the_standard(only):
    only()
    with pytest.raises(BadInput) as caught:
        providers.load(find("kyber768"))
    assert caught.value.field == "algorithm" and "no library here has Kyber768" in caught.value.rule
    assert "the standard is ML-KEM-768" in str(caught.value.hint)
    assert providers.second(find("kyber768")) is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ML-KEM-768", "decapsulate"),
        ("ML-KEM-768", "public_bytes"),
        ("ML-DSA-44", "verify"),
        ("ML-DSA-44", "public_bytes"),
        ("X-Wing", "open"),
    ],
)
def test_a_library_that_answers_wrongly_is_not_used(name, wrong, monkeypatch):
    answer = True if wrong == "verify" else b"wrong"
    monkeypatch.setattr(PycaProvider, wrong, lambda *given, **more: answer)
    with pytest.raises(self_test.SelfTestError, match=f"wrong answers for {name}"):
        providers.load(find(name))


def test_a_version_of_pycryptodome_that_lacks_what_is_needed_is_told(monkeypatch):
    monkeypatch.delattr(MLKEM.MLKEMKey, "_encaps")
    with pytest.raises(ImportError, match=r"pycryptodome .* has no _encaps: use 4\.4"):
        PycryptodomeProvider()


def test_a_provider_tests_itself_once(monkeypatch):
    runs = []
    monkeypatch.setattr(self_test, "run", lambda provider, algorithm: runs.append(algorithm.name))
    for _ in range(3):
        providers.load(find("ML-KEM-1024"))
    assert runs == ["ML-KEM-1024"]
