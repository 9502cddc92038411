"""Components made from what an inventory found."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.migration import Inventory
from novacron.migration.asset import AssetKind
from novacron.migration.requests import PlanRequest
from scheduler.pqc.migration import found, policies
from scheduler.pqc.migration.plan import plan

AT = "2026-11-25T12:00:00Z"


def asset(asset_id, kind, algorithm, **changed):
    return {
        "asset_id": asset_id, "kind": kind, "name": asset_id, "location": f"/keys/{asset_id}",
        "algorithm": algorithm, "purposes": ["authenticity"], "quantum_vulnerable": True, "found_at": AT,
        **changed,
    }  # fmt: skip


def inventory(*assets, **more):
    return Inventory(inventory_id="inv_1", created_at=AT, assets=assets, **more)


def made(*assets, **more):
    return found.components(inventory(*assets, **more))


def test_every_kind_becomes_its_component():
    components, warnings = made(
        asset("web", "tls_endpoint", "ECDSA-P256", protocol={"version": "TLSv1.3", "group": "x25519"}),
        asset("leaf", "certificate", "ecdsa-with-SHA256"),
        asset("root", "certificate", "RSA-4096", details={"ca": True}),
        asset("signing", "keystore_key", "Ed25519", location="key_1"),
        asset("db", "database_tls", "X25519"),
        asset("token", "jwk", "ES256"),
        asset("exchange", "key", "RSA-2048", purposes=["confidentiality"]),
    )
    told = {one.name: (one.kind, one.role, one.algorithm, one.target) for one in components}
    assert told == {
        "web": ("tls_endpoint", "both", "x25519", None),
        "leaf": ("certificate", "both", "ecdsa-with-SHA256", None),
        "root": ("trust_anchor", "both", "RSA-4096", None),
        "signing": ("stored_key", "both", "Ed25519", "key_1"),
        "db": ("database_tls", "both", "X25519", None),
        "token": ("service", "signer", "ES256", None),
        "exchange": ("service", "writer", "RSA-2048", None),
    }
    assert warnings == []


def test_files_of_one_kind_and_folder_go_over_together():
    sealed = [
        asset(f"f{n}", "envelope", "HPKE-X25519", data_lifetime_years=n, details={"size_bytes": 100 * n})
        for n in (1, 2, 3)
    ]
    other = asset("f4", "envelope", "HPKE-X25519", location="/other/f4")
    (together, alone), _ = made(*sealed, other)
    assert (together.name, together.count, together.size_bytes) == ("envelope in /keys", 3, 600)
    assert together.data_lifetime_years == 3
    assert (alone.name, alone.count, alone.data_lifetime_years) == ("f4", 1, None)


LEFT_OUT = [
    (asset("a", "key", "ROT13"), "a is left out: its algorithm ROT13 is not known"),
    (asset("a", "algorithm", "AES-256"), "its algorithm AES-256 is not known"),
    (asset("a", "tls_endpoint", "ECDSA-P256"), "ECDSA-P256 has no place in a tls_endpoint"),
    (
        asset("a", "tls_endpoint", "ECDSA-P256", protocol={"group": "X25519MLKEM768"}),
        "its key exchange is X25519MLKEM768 already",
    ),
]


@pytest.mark.parametrize(("one", "reason"), LEFT_OUT)
def test_what_cannot_be_planned_is_left_out_with_a_reason(one, reason):
    components, (warning,) = made(one)
    assert components == [] and reason in warning


def test_what_is_safe_is_no_component_but_submissions_are():
    safe = asset("a", "key", "ML-DSA-65", quantum_vulnerable=False)
    old = asset("b", "key", "Dilithium3", quantum_vulnerable=False)
    components, warnings = made(safe, old, errors=[{"target": "down:443", "error": "no answer"}])
    assert [one.algorithm for one in components] == ["Dilithium3"]
    assert warnings == ["1 targets of the inventory could not be examined"]


def test_names_are_told_apart():
    twice = [
        asset(f"k{n}", "certificate", "RSA-2048", name=name) for n, name in enumerate(["x", "x #2", "x"])
    ]
    components, _ = made(*twice)
    assert [one.name for one in components] == ["x", "x #2", "x #3"]


def test_too_many_are_refused():
    many = [asset(f"c{n}", "certificate", "RSA-2048") for n in range(301)]
    with pytest.raises(BadInput) as refused:
        made(*many)
    assert refused.value.field == "inventory.assets"


ALGORITHMS = ["RSA", "X25519", "ECDSA-P256", "AES-256", "?", "Kyber768", "ML-KEM-768", "rsaEncryption"]
assets = st.builds(
    lambda number, kind, algorithm, name, group, ca, purposes: asset(
        f"a{number}", kind, algorithm, name=name, details={"ca": ca}, purposes=purposes,
        protocol={"group": group} if group else None,
    ),
    st.integers(0, 9), st.sampled_from(get_args(AssetKind)), st.sampled_from(ALGORITHMS),
    st.text("ab\n #2\u202e", min_size=1, max_size=5),
    st.sampled_from([None, "x25519", "X25519MLKEM768"]), st.booleans(),
    st.sampled_from([["authenticity"], ["confidentiality"], ["confidentiality", "authenticity"]]),
)  # fmt: skip


@given(st.lists(assets, max_size=8))
def test_any_inventory_can_be_planned_or_leaves_nothing(found_assets):
    wanted = inventory(*found_assets)
    components, warnings = found.components(wanted)
    assert len({one.name for one in components}) == len(components)
    request = PlanRequest(timeline="30 years", inventory=wanted, policy=policies.load()["general"])
    try:
        made = plan(request, "plan_1", datetime(2026, 11, 25, tzinfo=UTC))
    except BadInput as refused:
        assert not components and refused.field == "components"
    else:
        assert {name for step in made.steps for name in step.components} == {one.name for one in components}
        assert set(warnings) <= set(made.warnings)


DIGEST, OTHER = "sha256:aa", "sha256:bb"


def certificate(asset_id, digest, fingerprint, **more):
    details = {"certificate_fingerprint": digest, "fingerprint": fingerprint} | more.pop("details", {})
    return asset(asset_id, "certificate", "ECDSA-P256", details=details, **more)


def stored(asset_id, algorithm, usage, **more):
    purposes = ["authenticity"] if usage == "sign" else ["confidentiality"]
    details = {"usage": usage, "certified": False, "ca": False} | more.pop("details", {})
    return asset(
        asset_id, "keystore_key", algorithm, location=asset_id, purposes=purposes, details=details, **more
    )


def test_a_key_goes_over_with_its_certificate():
    components, warnings = made(
        certificate("leaf", DIGEST, "sha256:key"),
        asset("key", "key", "EC-P256", purposes=BOTH, details={"fingerprint": "sha256:key", "private": True}),
        asset(
            "alone", "key", "EC-P256", purposes=BOTH, location="/other/alone", details={"fingerprint": "x"}
        ),
    )
    assert [(one.name, one.kind, one.role) for one in components] == [
        ("leaf", "certificate", "both"), ("alone", "service", "writer"),
    ]  # fmt: skip
    assert warnings == [
        "what alone is used for is not known: it is planned for what may be sealed for it;"
        " give it as a component with the role signer if it signs"
    ]


BOTH = ["confidentiality", "authenticity"]


def test_a_key_that_may_sign_and_seal_is_planned_once():
    (one,), _ = made(asset("key", "key", "RSA-3072", purposes=BOTH))
    request = PlanRequest(
        timeline="5 years", inventory=inventory(asset("key", "key", "RSA-3072", purposes=BOTH)),
        policy=policies.load()["general"],
    )  # fmt: skip
    steps = plan(request, "plan_1", datetime(2026, 11, 25, tzinfo=UTC)).steps
    assert len({(step.algorithm.old, step.algorithm.new) for step in steps}) == 1 and one.role == "writer"


def test_a_stored_key_is_planned_for_its_use():
    components, warnings = made(
        stored("key_sign", "Ed25519", "sign"),
        stored("key_open", "HPKE-X25519", "decrypt"),
        stored("key_lone", "HPKE-X25519", "decrypt"),
        stored("key_ca", "ECDSA-P384", "sign", details={"certified": True, "ca": True}),
        stored("key_web", "ECDSA-P256", "sign", details={"certified": True}),
        stored("key_root", "ECDSA-P384", "sign",
               details={"certified": True, "ca": True, "public_key_fingerprint": "sha256:root"}),
        certificate("root", OTHER, "sha256:root", details={"ca": True}),
        asset("a", "envelope", "HPKE-X25519", purposes=["confidentiality"],
              details={"key_ids": ["key_open/1", "elsewhere"]}),
    )  # fmt: skip
    told = {one.name: (one.kind, one.target) for one in components}
    assert told == {
        "key_sign": ("stored_key", "key_sign"), "key_lone": ("envelopes", None),
        "key_ca": ("trust_anchor", None), "key_web": ("certificate", None), "root": ("trust_anchor", None),
        "a": ("envelopes", None),
    }  # fmt: skip
    assert warnings == ["no envelope for key_lone is in the inventory: migrate existing envelopes manually"]


def test_what_a_target_covers_is_one_component_of_it():
    components, _ = made(
        certificate("leaf", DIGEST, "sha256:key", target="web", also_at=["127.0.0.1:443"]),
        certificate("copy", DIGEST, "sha256:key", target="web"),
        asset("edge", "tls_endpoint", "X25519", target="web", location="127.0.0.1:443"),
        *(asset(f"f{n}", "envelope", "HPKE-X25519", target="archive", location=f"/srv/{n}/f.ncrypt")
          for n in range(3)),
    )  # fmt: skip
    told = [(one.name, one.kind, one.target, one.count) for one in components]
    assert told == [
        ("certificate of web", "certificate", "web", 2), ("edge", "tls_endpoint", "web", 1),
        ("envelope of archive", "envelopes", "archive", 3),
    ]  # fmt: skip
    assert components[0].places == ("/keys/leaf", "127.0.0.1:443", "/keys/copy")


def test_ssh_keys_are_left_out_since_nothing_takes_their_place():
    pairs = [
        asset(f"{user}{end}", "ssh_key", "Ed25519", location=f"/home/{user}/id{end}",
              details={"fingerprint": f"SHA256:{user}"})
        for user in ("a", "b", "c") for end in ("", ".pub")
    ]  # fmt: skip
    components, (warning,) = made(*pairs, asset("r", "ssh_key", "RSA-3072"))
    assert components == []
    assert warning.startswith("SSH keys are left out (3 Ed25519, 1 RSA-3072): OpenSSH has no post-quantum")


def test_keys_of_a_service_that_a_target_changes_sign():
    components, warnings = made(
        asset("use", "jwk", "EC-P256", purposes=BOTH, target="tokens", details={"fingerprint": "a"}),
        asset("published", "jwk", "EC-P256", purposes=BOTH, target="tokens", details={"fingerprint": "a"}),
        asset("other", "key", "RSA-3072", purposes=BOTH, target="codes"),
    )
    told = [(one.kind, one.role, one.algorithm, one.target, one.count) for one in components]
    assert told == [
        ("service", "both", "ECDSA-P256", "tokens", 1), ("service", "both", "RSASSA-3072", "codes", 1)
    ]  # fmt: skip
    assert warnings == []


def test_one_target_belongs_to_one_component_of_a_kind():
    one = {"kind": "certificate", "algorithm": "RSA-2048", "target": "web"}
    request = PlanRequest(
        timeline="5 years", components=[one | {"name": "a"}, one | {"name": "b"}],
        policy=policies.load()["general"],
    )  # fmt: skip
    with pytest.raises(BadInput) as refused:
        plan(request, "plan_1", datetime(2026, 11, 25, tzinfo=UTC))
    assert (refused.value.field, refused.value.rule) == (
        "components[1].target",
        "is the target of 'a' already",
    )
    edge = {"name": "b", "kind": "tls_endpoint", "algorithm": "X25519", "target": "web"}
    both = PlanRequest(
        timeline="5 years", components=[one | {"name": "a"}, edge], policy=policies.load()["general"]
    )
    assert plan(both, "plan_1", datetime(2026, 11, 25, tzinfo=UTC)).steps
