"""Plans as users ask for them, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from novacron.errors import BadInput
from novacron.migration.requests import PlanRequest
from scheduler.pqc.migration import policies
from scheduler.pqc.migration.plan import plan

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEB = {
    "root": {"kind": "trust_anchor", "algorithm": "ECDSA-P384"},
    "web": {"kind": "certificate", "algorithm": "ECDSA-P256", "target": "web", "depends_on": ["root"]},
    "edge": {"kind": "tls_endpoint", "algorithm": "X25519", "depends_on": ["web"], "count": 20},
    "archive": {"kind": "envelopes", "algorithm": "HPKE-X25519", "count": 5000, "size_bytes": 10**9},
    "checker": {"role": "verifier", "algorithm": "Ed25519"},
    "signing": {"kind": "stored_key", "role": "signer", "algorithm": "Ed25519", "target": "key_1"},
}
ONE = {"timeline": "18 months", "components": ["api"], "current_algorithms": ["X25519"]}


def made(policy="general", **wanted):
    return plan(PlanRequest(policy=policies.load()[policy], **wanted), "plan_1", NOW)


def of(components):
    return [{"name": name, **rest} for name, rest in components.items()]


def refusal(policy="general", **wanted):
    with pytest.raises(BadInput) as refused:
        made(policy, **wanted)
    return refused.value


@pytest.fixture(scope="module")
def web():
    return made(timeline="2027-12-31", components=of(WEB))


def step(found, type_, component):
    (one,) = [one for one in found.steps if (one.type, one.components) == (type_, (component,))]
    return one


def test_every_component_takes_the_steps_of_its_kind(web):
    taken = {name: [one.type for one in web.steps if one.components == (name,)] for name in WEB}
    assert taken == {
        "root": ["prepare", "enable_verifiers", "switch", "reissue", "validate", "retire"],
        "web": ["prepare", "enable_verifiers", "switch", "validate", "retire"],
        "edge": ["prepare", "enable_readers", "canary", "switch", "validate", "retire"],
        "archive": ["prepare", "enable_readers", "canary", "switch", "rewrap", "validate", "retire"],
        "checker": ["enable_verifiers", "retire"],
        "signing": ["prepare", "switch", "validate", "retire"],
    }


def test_every_component_gets_the_algorithm_of_its_use(web):
    changes = {one.components[0]: (one.algorithm.old, one.algorithm.new) for one in web.steps}
    assert changes == {
        "root": ("ECDSA-P384", "ML-DSA-65"), "web": ("ECDSA-P256", "ML-DSA-65"),
        "edge": ("X25519", "X25519MLKEM768"), "archive": ("HPKE-X25519", "X-Wing"),
        "checker": ("Ed25519", "ML-DSA-65"), "signing": ("Ed25519", "ML-DSA-65"),
    }  # fmt: skip


def test_who_accepts_comes_before_who_makes_and_goes_after(web):
    assert step(web, "enable_verifiers", "checker").id in step(web, "switch", "signing").dependencies
    assert step(web, "validate", "signing").id in step(web, "retire", "checker").dependencies
    assert step(web, "validate", "root").id in step(web, "switch", "web").dependencies
    assert step(web, "retire", "web").id in step(web, "retire", "root").dependencies


def test_only_retiring_has_no_way_back(web):
    for one, undo in zip(reversed(web.steps), web.rollback_plan, strict=True):
        assert undo.step == one.id
        final = one.type == "retire"
        assert one.point_of_no_return == (not one.reversible) == (undo.possible_until is None) == final
        if not final:
            assert undo.possible_until == step(web, "retire", one.components[0]).starts - timedelta(days=1)


def test_validation_is_by_handshake_or_by_a_second_library(web):
    checks = {one.components[0]: one.validation[0].check for one in web.steps if one.type == "validate"}
    assert checks == {
        "root": "handshake", "web": "handshake", "edge": "handshake",
        "archive": "second_provider", "signing": "second_provider",
    }  # fmt: skip


def test_the_cost_is_the_sum_of_its_steps(web):
    cost = web.estimated_cost
    assert [one["step"] for one in cost["steps"]] == [one.id for one in web.steps]
    assert cost["effort_hours"] == pytest.approx(sum(one.effort_hours for one in web.steps), abs=0.01)
    seconds = sum(one.estimated_time_s for one in web.steps)
    assert cost["machine_hours"] == pytest.approx(seconds / 3600, abs=1e-3)
    rewrap = next(one for one in cost["steps"] if one["step"] == step(web, "rewrap", "archive").id)
    assert rewrap["written_bytes"] == 10**9 + 5000 * cost["rates"]["header_bytes"]
    assert cost["written_bytes"] == sum(one["written_bytes"] for one in cost["steps"])


def test_copies_made_before_stay_exposed(web):
    exposed = {one["component"]: one for one in web.residual_risk["harvested_copies"]}
    assert set(exposed) == {"edge", "archive"}
    one = exposed["archive"]
    assert one["copied_until"] == step(web, "switch", "archive").ends.isoformat()
    assert (one["assumed"], one["data_lifetime_years"], one["verdict"]) == (True, 10.0, "exposed")
    signed = {one["component"]: one["verdict"] for one in web.residual_risk["old_signatures"]}
    assert signed == {"root": "in_time", "web": "in_time", "signing": "in_time"}


def test_data_that_need_not_stay_secret_are_not_exposed():
    found = made(**{**ONE, "components": [{"name": "a", "data_lifetime_years": 1}]})
    (one,) = found.residual_risk["harvested_copies"]
    assert (one["verdict"], one["assumed"]) == ("in_time", False)


def test_tolerance_decides_canary_dual_period_and_how_much_at_once():
    plans = {
        level: made(timeline="3 years", risk_tolerance=level, components=of(WEB))
        for level in ("low", "medium", "high")
    }
    canaries = {level: step(one, "canary", "archive").canary for level, one in plans.items()}
    assert canaries == {"low": 0.01, "medium": 0.05, "high": 0.2}
    assert [one.timeline.dual_period_days for one in plans.values()] == [90, 30, 7]
    ends = [one.timeline.ends for one in plans.values()]
    assert ends == sorted(ends, reverse=True) and len(set(ends)) == 3
    for one in plans.values():
        gap = step(one, "retire", "archive").starts - step(one, "validate", "archive").ends
        assert gap.days > one.timeline.dual_period_days


def test_it_is_the_same_for_the_same_request_and_day():
    assert made(**ONE) == made(**ONE)


def test_a_deadline_that_cannot_be_kept_names_step_and_date():
    refused = refusal(**{**ONE, "timeline": "2 weeks"})
    assert refused.field == "timeline.deadline" and refused.value == "2026-12-09"
    assert "step 'retire: api, X25519 to ML-KEM-768' ends on 2026-12-29" in refused.rule
    assert "step 'prepare: api, X25519 to ML-KEM-768' would have to begin on 2026-11-05" in refused.rule
    assert "the earliest deadline is 2026-12-29" in (refused.hint or "")
    assert made(**{**ONE, "timeline": "2026-12-29"}).timeline.slack_days == 0
    assert made(**{**ONE, "timeline": "2026-12-29"}).risk_assessment["level"] == "high"


def test_a_cycle_is_named():
    ring = [{"name": name, "depends_on": [after]} for name, after in ("ab", "bc", "ca")]
    refused = refusal(**{**ONE, "components": [*ring, "d"]})
    assert refused.field == "components"
    told = refused.rule.partition("cycle: ")[2].split(" -> ")
    assert told[0] == told[-1] and set(told) == set("abc")
    follows = {one["name"]: one["depends_on"] for one in ring}
    assert all([after] == follows[name] for name, after in pairwise(told))


SEALED = {"name": "a", "kind": "envelopes"}
ANCHOR = {"name": "root", "kind": "trust_anchor", "algorithm": "Ed25519"}
WRONG = [
    ({"components": ["api", "api"]}, "components[1].name", None),
    (
        {"components": [{"name": "api", "depends_on": ["apj"]}, "apk"]},
        "components[0].depends_on[0]",
        "did you mean",
    ),
    ({"current_algorithms": []}, "current_algorithms", "api has none"),
    ({"current_algorithms": ["RSA2048x"]}, "current_algorithms[0]", "did you mean 'RSA-2048'?"),
    ({"current_algorithms": ["AES-256"]}, "current_algorithms[0]", "AES-256"),
    ({"target_algorithms": ["ML-KEM-769"]}, "target_algorithms[0]", "did you mean 'ML-KEM-768'?"),
    ({"target_algorithms": ["RSA-4096"]}, "target_algorithms[0]", "use ML-KEM-768"),
    ({"target_algorithms": ["Kyber768"]}, "target_algorithms[0]", "the standard is ML-KEM-768"),
    ({"target_algorithms": ["dilithium-3"]}, "target_algorithms[0]", "the standard is ML-DSA-65"),
    ({"components": [SEALED, {"name": "b", "kind": "certificate"}]}, "components[1]", None),
    ({"components": [{**SEALED, "algorithm": "Ed25519"}, ANCHOR]}, "components[0].algorithm", None),
    ({"current_algorithms": ["ML-KEM-768"]}, "components", "api uses ML-KEM-768 already"),
    ({"timeline": {"start": "2026-11-24", "months": 18}}, "timeline.start", None),
    ({"timeline": {"start": "2028-01-01", "deadline": "2027-01-01"}}, "timeline.deadline", None),
    ({"timeline": {"start": "2201-01-01", "months": 1}}, "timeline.start", None),
]


@pytest.mark.parametrize(("changed", "field", "hint"), WRONG)
def test_what_makes_no_sense_is_refused(changed, field, hint):
    refused = refusal(**{**ONE, **changed})
    assert refused.field == field
    assert hint is None or hint in (refused.hint or "")


def test_an_exclusive_policy_refuses_other_targets():
    refused = refusal("cnsa-2.0", **ONE, target_algorithms=["ML-KEM-768"])
    assert (refused.field, refused.hint) == ("target_algorithms[0]", "use ML-KEM-1024, ML-DSA-87, LMS, XMSS")
    assert {one.algorithm.new for one in made("cnsa-2.0", **ONE).steps} == {"ML-KEM-1024"}


WARNED = [
    ({"current_algorithms": ["Kyber768"]}, None),
    ({"current_algorithms": ["ML-KEM-512"]}, "a quantum computer does not break ML-KEM-512"),
    ({"current_algorithms": ["X25519", "ML-KEM-768"]}, "api uses ML-KEM-768 already"),
    ({"target_algorithms": ["ML-DSA-65"]}, "target_algorithms holds no kem algorithm: ML-KEM-768 is taken"),
    ({"target_algorithms": ["ML-KEM-512"]}, "ML-KEM-512 is not among what the policy general names"),
    ({"components": [{"name": "a", "kind": "envelopes"}]}, "X-Wing is built on a draft"),
    (
        {"components": [{"name": "a", "kind": "tls_endpoint"}], "target_algorithms": ["ML-KEM-1024"]},
        "ML-KEM-1024 is used as SecP384r1MLKEM1024, a group",
    ),
]


@pytest.mark.parametrize(("changed", "warning"), WARNED)
def test_what_is_doubtful_is_warned_of(changed, warning):
    warnings = made(**{**ONE, **changed}).warnings
    assert any(warning in one for one in warnings) if warning else not warnings


def test_a_deadline_after_a_rule_is_warned_of():
    wanted = {**ONE, "timeline": "2036-06-30"}
    assert not [one for one in made("general", **wanted).warnings if "later than" in one]
    found = [one for one in made("us-eo-14412", **wanted).warnings if "later than" in one]
    assert len(found) == 1 and "disallowed after 2030-12-31: us-eo-14412 (in_force)" in found[0]


def test_months_end_with_the_month():
    deadlines = {
        months: made(**{**ONE, "timeline": {"start": "2027-01-31", "months": months}}).timeline.deadline
        for months in (13, 15, 12)
    }
    assert deadlines == {13: date(2028, 2, 29), 15: date(2028, 4, 30), 12: date(2028, 1, 31)}


def test_too_many_steps_are_refused():
    many = [f"c{number}" for number in range(200)]
    refused = refusal(timeline="40 years", current_algorithms=["X25519", "RSA-2048"], components=many)
    assert "more than 2000" in refused.rule


def test_ssh_goes_over_to_methods_of_its_own_and_its_keys_are_told_what_there_is():
    login = {"name": "login", "kind": "ssh_endpoint", "algorithm": "curve25519-sha256", "target": "login"}
    host = {"name": "host", "kind": "ssh_key", "algorithm": "Ed25519"}
    found = made(timeline="3 years", components=[login, host])
    (change,) = {
        (one.algorithm.old, one.algorithm.new) for one in found.steps if one.components == ("login",)
    }
    assert change == ("curve25519-sha256", "mlkem768x25519-sha256")
    assert any("OpenSSH has no ML-DSA keys yet: host" in one for one in found.warnings)
    chosen = made(timeline="3 years", components=[login], target_algorithms=["sntrup761x25519-sha512"])
    assert {one.algorithm.new for one in chosen.steps} == {"sntrup761x25519-sha512"}
    assert "OpenSSH has X25519 with" in refusal("cnsa-2.0", timeline="3 years", components=[login]).rule
