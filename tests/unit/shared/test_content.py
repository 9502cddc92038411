"""Content ids: what changes a result changes the key, and nothing else does."""

import json
from dataclasses import replace
from importlib import metadata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.specs import parse_spec
from shared import content, functions
from shared.circuits.reader import read
from shared.quantum import portfolio

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

CIRCUIT = {"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3.0; qubit q;"}, "shots": 10}


def key(changes=None, *, tenant_id=1, backend="statevector", kind=VQE, **ran_on):
    spec = parse_spec({**kind, **(changes or {})}).model_dump(mode="json")
    return content.key(spec, tenant_id=tenant_id, backend=backend, **ran_on)


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


def test_devices_and_calibrations_share_nothing():
    placed = [("", None), ("manila", "1"), ("manila", "2"), ("kyoto", "1")]
    assert len({key(device=device, calibration=calibration) for device, calibration in placed}) == 4
    same = {"device": "manila", "calibration": "1"}
    assert key(**same) == key(**same)
    assert key(device="manila") is None, "of a calibration that nobody knows yet"


def test_a_job_without_a_device_keeps_the_key_that_it_had_before_there_were_devices(monkeypatch):
    monkeypatch.setattr(content, "_version", lambda name: "1")
    assert key() == "deff675d80ac640c6644c117e6763a3f096663303d7082112ce2ee061f280be8"
    assert key(calibration="of its noise model") == key()


def test_a_new_version_of_the_operations_is_a_new_key(monkeypatch):
    before = key()
    monkeypatch.setitem(content.VERSIONS, "hybrid_vqe", content.VERSIONS["hybrid_vqe"] + 1)
    assert key() != before


def test_a_new_version_of_the_compiler_is_a_new_key_of_what_is_compiled(monkeypatch):
    placed = {"device": "manila", "calibration": "1"}
    before = key(**placed), key()
    monkeypatch.setattr(portfolio, "VERSION", portfolio.VERSION + 1)
    assert key(**placed) != before[0] and key() == before[1]


@pytest.mark.parametrize(
    ("library", "kind", "backend"),
    [("scipy", VQE, "statevector"), ("numpy", VQE, "statevector"), ("stim", CIRCUIT, "stabilizer")],
)
def test_a_new_version_of_a_library_that_makes_the_numbers_is_a_new_key(monkeypatch, library, kind, backend):
    before = key(kind=kind, backend=backend)
    kept = content._version
    monkeypatch.setattr(content, "_version", lambda name: "99.0" if name == library else kept(name))
    assert key(kind=kind, backend=backend) != before


MEMORY = {"kind": "qec_memory", "code": "rotated_surface", "distance": 3, "p": 0.01}


@pytest.mark.parametrize(("decoder", "library"), content.DECODERS.items())
def test_a_new_version_of_the_decoder_is_a_new_key(monkeypatch, decoder, library):
    code = "color_666" if decoder == "chromobius" else "rotated_surface"
    job = MEMORY | {"code": code, "decoder": decoder}
    versions: dict[str, str | None] = {"stim": "1", library: "1"}
    monkeypatch.setattr(content, "_version", versions.get)
    before = key(kind=job)
    versions[library] = "2"
    assert before is not None
    assert key(kind=job) != before
    versions[library] = None
    assert key(kind=job) is None, "of a library that only workers have"


def test_a_new_calibration_is_a_new_key_of_a_study_of_codes():
    assert len({key(kind=MEMORY, calibration=one) for one in (None, "1", "2")}) == 3


def test_a_function_is_known_by_its_code_version_and_package(monkeypatch):
    job = {"kind": "pure_classical", "function": "noop"}
    found = functions.find("noop")
    keys = {key(kind=job)}
    for changed in (
        replace(found, version=2),
        replace(found, package="mine 1.0"),
        replace(found, package="mine 1.1"),
    ):
        monkeypatch.setattr(functions, "find", lambda name, changed=changed: changed)
        keys.add(key(kind=job))
    assert len(keys) == 4


def record_of(text):
    spec = parse_spec({"kind": "pure_quantum", "circuit": {"record": read(text).to_json()}}, stored=True)
    return content.key(spec.model_dump(mode="json"), tenant_id=1, backend="statevector")


HEAD = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; '


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gate g a { x a; } g q[0];", "gate g a { z a; } g q[0];"),
        ("gate rzz(t) a,b { cx a,b; rz(2*t) b; cx a,b; } rzz(0.6) q[0],q[1];", "rzz(0.6) q[0],q[1];"),
        ("gate cx a,b { CX b,a; } cx q[0],q[1];", "cx q[0],q[1];"),
        ("rx(0.1) q[0];", "rx(0.10000000000000002) q[0];"),
        ("x q[0];", "creg c[1]; x q[0];"),
    ],
)
def test_circuits_that_differ_in_what_they_say_share_no_result(one, other):
    assert record_of(HEAD + one) != record_of(HEAD + other)


@pytest.mark.parametrize(
    "other",
    [
        "gate g a { x a; } g q[0];", "// a comment\nx  q[0] ;", "gate x a { U(pi,0,pi) a; } x q[0];",
        "gate unused a { h a; } x q[0];",
    ],
)  # fmt: skip
def test_circuits_that_say_the_same_share_their_result(other):
    assert record_of(HEAD + "x q[0];") == record_of(HEAD + other)


def test_what_wants_no_cache_or_draws_secrets_has_no_key():
    assert key({"cache": False}) is None
    assert (
        key(kind={"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "ML-KEM-768"}) is None
    )


def test_every_ignored_key_is_one_that_specs_have():
    assert set(parse_spec(VQE).model_dump()) >= content.IRRELEVANT


@pytest.mark.parametrize(
    "package",
    sorted(
        {*sum(content.LIBRARIES.values(), ()), *content.SAMPLERS["stabilizer"], "pymatching", "chromobius"}
    ),
)
def test_a_scheduler_without_a_library_knows_the_workers_version(package):
    assert content.locked(package) == metadata.version(package)
    assert content.locked("no-such-package") is None
