"""What an installation permits its keys, certificates and TLS to use."""

import pytest

from novacron.errors import BadInput
from novacron.migration.requests import PlanRequest
from novacron.tls.groups import MODES
from scheduler.pqc.migration import policies
from shared.crypto import permitted

FILE = """\
algorithms:
  kem: [kyber512, kyber768, kyber1024]
  signature: [dilithium2, dilithium3, dilithium5]
  hybrid_mode: true
  migration_timeline: "24m"
"""
KEMS, SIGNATURES = "kyber512, kyber768, kyber1024", "dilithium2, dilithium3, dilithium5"
KEY = {"name": "a", "kind": "stored_key", "algorithm": "RSA-2048"}


@pytest.fixture
def load(tmp_path):
    def written(old="", new=""):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(FILE.replace(old, new) if old else FILE)
        return permitted.load(str(path))

    return written


def test_without_a_file_nothing_is_refused():
    everything = permitted.load("")
    assert everything.has("RSA-2048") and everything.mode("hybrid") is MODES["hybrid"]
    general = policies.load()["general"]
    assert everything.narrowed(general) is general and everything.timed({}) == {}


def test_submissions_stand_for_the_standards_that_grew_from_them(load):
    said = load().said
    assert said.kem == ("ML-KEM-512", "ML-KEM-768", "ML-KEM-1024")
    assert said.signature == ("ML-DSA-44", "ML-DSA-65", "ML-DSA-87")


def test_hybrids_are_permitted_where_their_half_is_and_they_are(load):
    both = load().said.targets
    assert both.encryption == ("X-Wing", "MLKEM1024-P384", "HPKE-ML-KEM-1024")
    assert both.group == ("X25519MLKEM768", "MLKEM768", "SecP384r1MLKEM1024", "MLKEM1024")
    pure = load("true", "false").said.targets
    assert pure.encryption == ("HPKE-ML-KEM-1024",)
    assert pure.group == ("MLKEM768", "MLKEM1024")
    one = load(KEMS, "ML-KEM-768").said.targets
    assert (one.encryption, one.group) == (("X-Wing",), ("X25519MLKEM768", "MLKEM768"))


@pytest.mark.parametrize(
    ("algorithm", "beside", "fine"),
    [
        ("ML-KEM-768", None, True),
        ("mlkem768", None, True),
        ("X-Wing", None, True),
        ("ML-DSA-65", None, True),
        ("Falcon-512", None, False),
        ("Kyber768", None, False),
        ("ECDSA-P256", None, False),
        ("ECDSA-P256", "ML-DSA-65", True),
        ("ECDSA-P256", "RSA-2048", False),
        ("Falcon-512", "ML-DSA-65", False),
        ("HPKE-X25519", None, False),
    ],
)
def test_what_new_keys_may_be_of(load, algorithm, beside, fine):
    allowed = load()
    assert allowed.has(algorithm, beside=beside) is fine
    if fine:
        allowed.check(algorithm, beside=beside)
    else:
        with pytest.raises(BadInput, match="is not permitted in this installation") as refused:
            allowed.check(algorithm, beside=beside)
        assert refused.value.hint and refused.value.hint.startswith("use ")


def test_pairs_with_a_classical_half_are_hybrids(load):
    assert not load("true", "false").has("ECDSA-P256", beside="ML-DSA-65")


def test_policies_take_nothing_else(load):
    general = policies.load()["general"]
    narrow = load(KEMS, "ML-KEM-1024").narrowed(general)
    assert narrow.exclusive
    assert narrow.targets.kem == ("ML-KEM-1024",)
    assert narrow.targets.signature == ("ML-DSA-65", "ML-DSA-87")
    assert narrow.targets.group == ("SecP384r1MLKEM1024",)
    assert load(KEMS, "ML-KEM-512").narrowed(general).targets.kem == ("ML-KEM-512",)


def test_plans_without_a_timeline_get_this_one(load):
    body = {"components": [KEY], "policy": policies.load()["general"]}
    duration = PlanRequest(**load().timed(body)).timeline.duration
    assert duration is not None and duration.months == 24
    assert load().timed({"timeline": "6m"}) == {"timeline": "6m"}


def test_tls_accepts_what_is_permitted(load):
    mode = load(KEMS, "ML-KEM-768").mode("hybrid")
    assert mode.groups.startswith("*X25519MLKEM768:SecP256r1MLKEM768:MLKEM768/*X25519:")
    assert load("dilithium2, ", "").mode("hybrid").signatures.startswith("mldsa65:mldsa87:ecdsa")
    pure = load("true", "false")
    assert pure.mode("pq-only").groups == "*MLKEM1024:MLKEM768"
    with pytest.raises(BadInput, match="hybrid_mode is false") as refused:
        pure.mode("hybrid")
    assert (refused.value.field, refused.value.hint) == ("NOVACRON_TLS_MODE", "use pq-only")
    with pytest.raises(BadInput, match="needs a group and a signature"):
        load(KEMS, "ML-KEM-512").mode("hybrid")


@pytest.mark.parametrize(
    ("old", "new", "field", "line", "rule"),
    [
        ("kyber512", "kyber513", "algorithms.kem[0]", 2, "is not a known algorithm"),
        ("kyber512", "dilithium2", "algorithms.kem[0]", 2, "is a signature, no kem"),
        (SIGNATURES, "", "algorithms.signature", 3, "at least 1"),
        ("hybrid_mode: true", "hybrid_mode: yes", "algorithms.hybrid_mode", 4, "true or false"),
        ("hybrid_mode", "hybrid", "algorithms.hybrid", 4, "unknown key"),
        ("24m", "soon", "algorithms.migration_timeline", 5, "must be a date"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_with_its_line(load, old, new, field, line, rule):
    with pytest.raises(BadInput, match=rule) as refused:
        load(old, new)
    assert (refused.value.field, refused.value.line) == (field, line)
