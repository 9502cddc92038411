"""Content ids: what changes a result changes the key, and nothing else does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.specs import parse_spec
from shared import content

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
VQE = {
    "kind": "hybrid_vqe",
    "hamiltonian": {"model": "tfim", "n_qubits": 4},
    "ansatz": {"name": "hardware_efficient"},
}


def key(changes=None, *, tenant_id=1, backend="statevector", kind=VQE):
    spec = parse_spec({**kind, **(changes or {})}).model_dump(mode="json")
    return content.key(spec, tenant_id=tenant_id, backend=backend)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_the_order_of_keys_does_not_matter(value):
    turned = dict(reversed(value.items()))
    assert content.canonical(value) == content.canonical(turned)
    assert json.loads(content.canonical(value)) == value


@given(JSON, JSON)
def test_different_values_have_different_digests(one, other):
    same = content.canonical(one) == content.canonical(other)
    assert (content.digest(one) == content.digest(other)) == same


def test_what_json_cannot_hold_has_no_digest():
    with pytest.raises(TypeError, match="JSON"):
        content.digest({"a": {1, 2}})


def test_the_digest_is_sha_256_of_compact_json():
    assert content.canonical({"b": [1, 2.5, None], "a": "π"}) == b'{"a":"\\u03c0","b":[1,2.5,null]}'
    assert content.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1}, {"shots": 100}, {"starts": 2}, {"noise": "depolarizing"}, {"mitigation": ["zne"]},
        {"optimizer": "adam"}, {"hamiltonian": {"model": "tfim", "n_qubits": 4, "h": 1.1}},
        {"ansatz": {"name": "hardware_efficient", "layers": 5}},
    ],
)  # fmt: skip
def test_what_changes_the_result_changes_the_key(changes):
    assert key(changes) not in (key(), None)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "mine"}, {"priority": 9}, {"timeout_s": 5.0}, {"max_retries": 0},
        {"depends_on": ["0123456789abcdef"]}, {"budget": {"usd": 1.0}}, {"granularity": "fanned_out"},
        {"hamiltonian": {"n_qubits": 4, "model": "tfim"}},
    ],
)  # fmt: skip
def test_what_leaves_the_result_alone_leaves_the_key(changes):
    assert key(changes) == key() is not None


def test_tenants_and_backends_share_nothing():
    assert len({key(), key(tenant_id=2), key(backend="gpu"), key(backend=None)}) == 4


def test_a_new_version_of_the_operations_is_a_new_key(monkeypatch):
    before = key()
    monkeypatch.setitem(content.VERSIONS, "hybrid_vqe", content.VERSIONS["hybrid_vqe"] + 1)
    assert key() != before


def test_what_wants_no_cache_or_draws_secrets_has_no_key():
    assert key({"cache": False}) is None
    assert (
        key(kind={"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "ML-KEM-768"}) is None
    )


def test_every_ignored_key_is_one_that_specs_have():
    assert set(parse_spec(VQE).model_dump()) >= content.IRRELEVANT
