"""The policies as data: their dates, how sure they are, and how an operator changes them."""

from datetime import date

import pytest

from novacron.errors import BadInput
from novacron.migration import classify
from novacron.migration.policy import Policy, Rule, Targets
from scheduler.pqc.migration import policies

# Policy -> status, and every date of its rules by purpose, systems and effect.
WRITTEN = {
    "nist-ir-8547": ("draft", {("all", None, "deprecated", 2030), ("all", None, "disallowed", 2035)}),
    "us-eo-14412": ("in_force", {
        ("high_value", "confidentiality", "disallowed", 2030),
        ("high_value", "authenticity", "disallowed", 2031),
    }),
    "cnsa-2.0": ("in_force", {
        ("new", None, "disallowed", 2026), ("all", None, "disallowed", 2030),
        ("all", "authenticity", "disallowed", 2030), ("all", None, "disallowed", 2033),
        ("all", None, "disallowed", 2035),
    }),
    "uk-ncsc": ("guidance", {("high_value", None, "disallowed", 2031), ("all", None, "disallowed", 2035)}),
    "eu-roadmap": ("recommendation", {
        ("high_value", None, "disallowed", 2030), ("all", None, "disallowed", 2035),
    }),
    "canada": ("policy", {("high_value", None, "disallowed", 2031), ("all", None, "disallowed", 2035)}),
    "general": ("guidance", set()),
}  # fmt: skip
OWN = """
name = "{name}"
title = "House rules"
[targets]
kem = ["ML-KEM-1024"]
[[rules]]
id = "early"
text = "done early"
disallowed_after = 2027-12-31
"""


def test_every_policy_there_is_is_written_down():
    assert set(policies.load()) == set(WRITTEN)


@pytest.mark.parametrize("name", WRITTEN)
def test_dates_and_status_are_those_of_the_source(name):
    policy = policies.load()[name]
    limits = [
        (rule.systems, rule.purpose, limit["effect"], date.fromisoformat(limit["after"]))
        for rule in policy.rules
        for limit in policies.limits(policy, rule)
    ]
    assert (policy.status, {(*one[:3], one[3].year) for one in limits}) == WRITTEN[name]
    assert all((one[3].month, one[3].day) == (12, 31) for one in limits)
    assert policy.source and policy.scope and policy.as_of


@pytest.mark.parametrize("name", WRITTEN)
def test_targets_are_post_quantum_and_of_their_type(name):
    targets = policies.load()[name].targets
    for type_ in Targets.model_fields:
        assert targets.of(type_), f"{name} names no {type_}"
        for one in targets.of(type_):
            found = classify(one)
            assert found and (found.quantum_vulnerable, found.type) == (False, type_)


def test_cnsa_takes_the_largest_only_and_says_what_is_unchecked():
    policy = policies.load()["cnsa-2.0"]
    assert policy.exclusive and policy.targets.kem == ("ML-KEM-1024",)
    assert {rule.id for rule in policy.rules if not rule.checked} == {
        "networking-exclusive", "signing-exclusive", "exclusive"
    }  # fmt: skip


def test_only_what_is_in_force_binds():
    binding = {name: policies.limits(one, rule)[0]["binding"]
               for name, one in policies.load().items() for rule in one.rules[:1]}  # fmt: skip
    assert {name for name, binds in binding.items() if binds} == {"us-eo-14412", "cnsa-2.0", "canada"}


def test_an_operator_adds_and_replaces(tmp_path):
    for name in ("house", "general"):
        (tmp_path / f"{name}.toml").write_text(OWN.format(name=name))
    known = policies.load(str(tmp_path))
    assert set(known) == {*WRITTEN, "house"}
    assert known["general"].title == "House rules" and known["house"].status == "own"
    assert policies.load()["general"].title != "House rules"


@pytest.mark.parametrize("text", ["name = ", "name = 'x'\ntitel = 'y'", OWN.format(name="x y"), "\x00"])
def test_a_bad_file_is_named(tmp_path, text):
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(BadInput) as refused:
        policies.load(str(tmp_path))
    assert refused.value.file == str(tmp_path / "bad.toml") and "bad.toml" in refused.value.rule


def test_a_name_that_is_none_is_told_the_nearest():
    with pytest.raises(BadInput) as refused:
        policies.resolved("cnsa", policies.load(), "policy")
    assert (refused.value.field, refused.value.hint) == ("policy", "did you mean 'cnsa-2.0'?")
    own = {"name": "ours"}
    assert policies.resolved(own, policies.load(), "policy") is own


APPLIES = [
    ({}, {}, True),
    ({"systems": "high_value"}, {"high_value": False}, False),
    ({"systems": "new"}, {}, False),
    ({"systems": "new"}, {"newly_acquired": True}, True),
    ({"purpose": "authenticity"}, {}, False),
    ({"purpose": "authenticity"}, {"purposes": ("confidentiality", "authenticity")}, True),
    ({"kinds": ["certificate"]}, {}, False),
    ({"kinds": ["tls_endpoint"]}, {}, True),
    ({"max_strength_bits": 112}, {"strength_bits": 128}, False),
    ({"max_strength_bits": 112}, {"strength_bits": 112}, True),
    ({"max_strength_bits": 112}, {"strength_bits": None}, True),
]


@pytest.mark.parametrize(("rule", "asset", "expected"), APPLIES)
def test_a_rule_is_about_what_it_says(rule, asset, expected):
    given = {"kind": "tls_endpoint", "purposes": ("confidentiality",), "strength_bits": 128,
             "high_value": True, "newly_acquired": False, **asset}  # fmt: skip
    assert policies.applies(Rule(id="r", text="t", **rule), **given) == expected


def test_a_reason_says_whether_its_date_was_checked():
    policy = Policy(name="ours", title="t")
    rule = Rule(id="r", text="no more RSA", disallowed_after=date(2029, 1, 1), checked=False)
    (limit,) = policies.limits(policy, rule)
    told = "disallowed after 2029-01-01: ours (own, not checked against the source), no more RSA"
    assert policies.reason(limit, date(2029, 1, 1)) == told
    overdue = told.replace("disallowed after 2029-01-01", "overdue since 2029-01-01 (disallowed)")
    assert policies.reason(limit, date(2029, 1, 2)) == overdue
