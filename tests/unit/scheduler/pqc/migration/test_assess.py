"""Inventories weighed: Mosca's inequality, rules that bind, agility, and the order to act in."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.migration.requests import AssessRequest
from scheduler.pqc.migration import agility, mosca, policies
from scheduler.pqc.migration.assess import assess

TODAY = date(2026, 11, 25)
AT = "2026-11-25T12:00:00Z"


def asset(name, **changed):
    return {
        "asset_id": name, "kind": "tls_endpoint", "name": name, "location": f"{name}:443",
        "algorithm": "X25519", "purposes": ["confidentiality"], "quantum_vulnerable": True, "found_at": AT,
        **changed,
    }  # fmt: skip


def weighed(*assets, names=("nist-ir-8547",), **more):
    inventory = {"inventory_id": "inv_1", "created_at": AT, "assets": assets}
    known = policies.load()
    request = AssessRequest(inventory=inventory, policies=[known[name] for name in names], **more)
    return assess(request, TODAY)


def only(*assets, **more):
    (one,) = weighed(*assets, **more)["assets"]
    return one


LONG_AGO, SOON, LATE = 1.0, 4.0, 9.0
CASES = [
    ("confidentiality", LONG_AGO, 1.0, "in_time", "2028-11-25"),
    ("confidentiality", SOON, 1.0, "at_risk", "2031-11-25"),
    ("confidentiality", LATE, 1.0, "exposed", "2036-11-25"),
    ("authenticity", LATE, 1.0, "in_time", "2027-11-25"),
    ("authenticity", LATE, 5.0, "at_risk", "2031-11-25"),
    ("authenticity", LATE, 10.0, "exposed", "2036-11-25"),
]


@pytest.mark.parametrize(("purpose", "lifetime", "years", "verdict", "until"), CASES)
def test_mosca(purpose, lifetime, years, verdict, until):
    one = only(asset("a", purposes=[purpose], data_lifetime_years=lifetime), migration_years=years)
    weight = one["mosca"][purpose]
    assert (one["verdict"], weight["verdict"], weight["needed_until"]) == (verdict, verdict, until)
    x = lifetime if purpose == "confidentiality" else 0.0
    assert (weight["x_years"], weight["y_years"]) == (x, years)
    begin = date.fromisoformat(weight["begin_by"]["early"])
    assert begin == mosca.threat().early.replace(year=int(2030 - x - years))


def test_the_worse_of_two_purposes_counts():
    one = only(asset("a", purposes=["authenticity", "confidentiality"], data_lifetime_years=20))
    assert one["verdict"] == "exposed" and one["mosca"]["authenticity"]["verdict"] == "in_time"


def test_what_a_quantum_computer_does_not_break_is_safe_and_bound_by_nothing():
    one = only(asset("a", algorithm="X25519MLKEM768", quantum_vulnerable=False), names=list(policies.load()))
    assert (one["verdict"], one["binding"], one["advised"], one["mosca"]) == ("safe", None, None, {})


def test_the_earliest_rule_that_binds_is_named_apart_from_advice():
    names = ["nist-ir-8547", "us-eo-14412", "eu-roadmap", "canada"]
    one = only(asset("a"), names=names)
    assert (one["binding"]["policy"], one["binding"]["after"]) == ("us-eo-14412", "2030-12-31")
    assert (one["advised"]["policy"], one["advised"]["binding"]) == ("eu-roadmap", False)
    one = only(asset("a", purposes=["authenticity"]), names=names)
    assert (one["binding"]["rule"], one["binding"]["after"]) == ("high-priority", "2031-12-31")
    one = only(asset("a"), names=names, high_value=False)
    assert (one["binding"]["policy"], one["binding"]["after"]) == ("canada", "2035-12-31")


@pytest.mark.parametrize(("algorithm", "bits", "rule"), [
    ("RSA", 2048, "112-bit-deprecated"), ("RSA", 3072, "vulnerable-disallowed"),
    ("ECDSA-P256", None, "vulnerable-disallowed"), ("UNKNOWN", None, "112-bit-deprecated"),
])  # fmt: skip
def test_the_strength_decides_which_rule(algorithm, bits, rule):
    assert only(asset("a", algorithm=algorithm, key_bits=bits))["advised"]["rule"] == rule


def test_the_order_is_by_verdict_then_by_when_one_must_begin():
    found = weighed(
        asset("pq", algorithm="ML-KEM-768", quantum_vulnerable=False),
        asset("short", data_lifetime_years=0), asset("long", data_lifetime_years=30),
        asset("middle", data_lifetime_years=12), asset("soon", data_lifetime_years=3),
    )  # fmt: skip
    assert [one["name"] for one in found["assets"]] == ["long", "middle", "soon", "short", "pq"]
    assert [one["rank"] for one in found["assets"]] == [1, 2, 3, 4, 5]
    assert found["summary"] == {
        "assets": 5, "vulnerable": 4, "exposed": 2, "at_risk": 1, "in_time": 1, "unprotected": 0, "safe": 1,
        "first_binding": None, "agility": 67,
    }  # fmt: skip


def test_a_certificate_that_outlives_the_threat_says_so():
    one = only(asset("a", kind="certificate", purposes=["authenticity"], not_after="2036-01-01T00:00:00Z"))
    assert any("it is valid until 2036-01-01" in reason for reason in one["reasons"])


def test_what_was_assumed_is_said():
    everything = {question["id"]: "yes" for question in agility.questions()}
    assert len(weighed(asset("a"))["assumptions"]) == 4
    told = weighed(asset("a"), data_lifetime_years=5, migration_years=1, high_value=False, answers=everything)
    assert told["assumptions"] == [] and told["assets"][0]["agility"] == {"score": 100, "assumed": {}}


def test_agility_follows_the_answers_and_else_the_kind():
    assert (
        agility.score("tls_endpoint", {})["score"] == 67
    )  # inventoried, configurable, negotiated, room: 10 of 15
    assert agility.score("key", {})["score"] == 13
    assert agility.score("key", {"configurable": "yes"})["score"] == 33
    assert agility.score("key", {"configurable": "partly"})["score"] == 23
    assert agility.score("tls_endpoint", {"room": "no"})["assumed"]["negotiated"] == "yes"


def test_an_answer_to_no_question_is_refused():
    with pytest.raises(BadInput) as refused:
        weighed(asset("a"), answers={"configurabel": "yes"})
    assert (refused.value.field, refused.value.hint) == (
        "answers.configurabel",
        "did you mean 'configurable'?",
    )


def test_an_empty_inventory_is_weighed_too():
    found = weighed()
    assert found["assets"] == [] and found["summary"]["agility"] is None


@pytest.mark.parametrize(("day", "years", "expected"), [
    ("2028-02-29", 1, "2029-02-28"), ("2028-02-29", 4, "2032-02-29"), ("2030-12-31", -12, "2018-12-31"),
    ("2026-11-25", 0.5, "2027-05-27"), ("2026-01-01", 9000, "9999-12-31"), ("2026-01-01", -3e3, "0001-01-01"),
])  # fmt: skip
def test_years_go_by_the_calendar(day, years, expected):
    assert mosca.later(date.fromisoformat(day), years).isoformat() == expected


@given(st.floats(0, 200), st.floats(0, 200))
def test_longer_is_never_safer(lifetime, years):
    known = mosca.confidentiality(TODAY, lifetime, years)
    longer = mosca.confidentiality(TODAY, min(lifetime + 1, 200), years)
    order = ["in_time", "at_risk", "exposed"]
    assert order.index(longer["verdict"]) >= order.index(known["verdict"])
    assert longer["begin_by"]["early"] <= known["begin_by"]["early"]
    assert order.index(mosca.authenticity(TODAY, years)["verdict"]) <= order.index(known["verdict"])


@pytest.mark.parametrize("algorithm", ["RSA-3072", "Ed25519", "ECDSA-P256"])
def test_a_classical_key_is_never_called_safe(algorithm):
    one = only(asset("a", kind="ssh_key", algorithm=algorithm, purposes=["authenticity"]))
    assert one["verdict"] == "in_time" and "begin by 2028-12-31" in one["reasons"][0]
    assert only(asset("a", algorithm=algorithm, data_lifetime_years=0))["verdict"] == "in_time"


def test_what_nothing_encrypts_is_unprotected_and_first_where_a_network_is_between():
    plain = {"algorithm": "none", "purposes": ["confidentiality", "authenticity"], "kind": "redis_tls"}
    found = weighed(
        asset("edge"), asset("local", **plain, details={"local": True}), asset("away", **plain),
        asset("pq", algorithm="X-Wing", quantum_vulnerable=False),
    )  # fmt: skip
    assert [(one["name"], one["verdict"]) for one in found["assets"]] == [
        ("away", "unprotected"), ("edge", "exposed"), ("local", "unprotected"), ("pq", "safe"),
    ]  # fmt: skip
    assert found["summary"]["unprotected"] == 2 and "today" in found["assets"][0]["reasons"][0]


@pytest.mark.parametrize(("lifetime", "text", "overdue"), [
    (1, "begin by 2027-12-31 to be safe, by 2032-12-31 at the latest", []),
    (5, "overdue since 2023-12-31 to be safe, begin by 2028-12-31 at the latest", ["early"]),
    (30, "overdue since 1998-12-31, and since 2003-12-31 even if the threat comes late", ["early", "late"]),
])  # fmt: skip
def test_a_date_in_the_past_is_overdue(lifetime, text, overdue):
    one = only(asset("a", data_lifetime_years=lifetime), migration_years=2)
    assert text in one["reasons"][0] and one["mosca"]["confidentiality"]["overdue"] == overdue


def test_the_date_of_a_rule_in_the_past_is_overdue():
    rule = {"id": "r", "text": "by then", "disallowed_after": "2025-12-31"}
    policy = {"name": "house", "title": "House", "targets": {}, "rules": [rule]}
    inventory = {"inventory_id": "inv_1", "created_at": AT, "assets": [asset("a")]}
    (one,) = assess(AssessRequest(inventory=inventory, policies=[policy]), TODAY)["assets"]
    assert any(reason.startswith("overdue since 2025-12-31 (disallowed)") for reason in one["reasons"])
