"""What one asks for, and how wrong requests are told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from novacron.errors import BadInput
from novacron.migration.requests import AssessRequest, PlanRequest
from novacron.specs.refusal import bad_input

POLICY = {"name": "ours", "title": "Our policy"}
WHOLE = {"timeline": "18 months", "components": ["api"], "policy": POLICY}
INVENTORY = {"inventory_id": "inv_1", "created_at": "2026-11-25T12:00:00Z"}
ASSET = {
    "asset_id": "a1", "kind": "tls_endpoint", "name": "web", "location": "web:443", "algorithm": "X25519",
    "purposes": ["confidentiality"], "quantum_vulnerable": True, "found_at": "2026-11-25T12:00:00Z",
}  # fmt: skip


def asset(**changed):
    return {"inventory": {**INVENTORY, "assets": [{**ASSET, **changed}]}}


def component(**changed):
    return {"components": [{"name": "api", **changed}]}


WRONG = [
    ({"timelime": "x"}, "timelime", "did you mean 'timeline'?"),
    (component(depend_on=[]), "components[0].depend_on", "did you mean 'depends_on'?"),
    (asset(algoritm="RSA"), "inventory.assets[0].algoritm", "did you mean 'algorithm'?"),
    ({"timeline": {"dead_line": "2027-01-01"}}, "timeline.dead_line", "did you mean 'deadline'?"),
    ({"timeline": 0}, "timeline", None),
    ({"timeline": True}, "timeline", None),
    ({"timeline": 1e10}, "timeline", None),
    ({"timeline": "soon"}, "timeline", None),
    ({"timeline": "2027-13-01"}, "timeline.deadline", None),
    ({"timeline": "0 months"}, "timeline", None),
    ({"timeline": "601 months"}, "timeline", None),
    ({"timeline": {"months": 0}}, "timeline.months", None),
    ({"timeline": {"duration": "601m"}}, "timeline", None),
    ({"timeline": {"duration": "1y", "months": 12}}, "timeline", None),
    ({"timeline": {"start": "2027-01-01"}}, "timeline", None),
    ({"timeline": {"deadline": "2027-01-01", "months": 2}}, "timeline", None),
    ({"timeline": {"deadline": 1798675200}}, "timeline.deadline", None),
    ({"risk_tolerance": "lo"}, "risk_tolerance", "did you mean 'low'?"),
    ({"components": []}, "components", None),
    ({"components": [7]}, "components[0]", None),
    (component(kind="envelope"), "components[0].kind", "did you mean 'envelopes'?"),
    (component(count=0), "components[0].count", None),
    (component(size_bytes=-1), "components[0].size_bytes", None),
    (component(data_lifetime_years=float("nan")), "components[0].data_lifetime_years", None),
    (component(data_lifetime_years=201), "components[0].data_lifetime_years", None),
    (component(depends_on=["db", "db"]), "components[0].depends_on[1]", None),
    (component(name="two\nlines"), "components[0].name", None),
    (asset(found_at="2026-11-25T12:00:00"), "inventory.assets[0].found_at", None),
    (asset(purposes=[]), "inventory.assets[0].purposes", None),
    ({"policy": {**POLICY, "rules": [{"id": "r"}]}}, "policy.rules[0].text", None),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "field", "hint"), WRONG)
def test_a_wrong_request_says_where_and_what(changed, field, hint):
    with pytest.raises(BadInput) as refused:
        PlanRequest(**{**WHOLE, **changed})
    assert (refused.value.field, refused.value.hint if hint else None) == (field, hint)


@pytest.mark.parametrize(("timeline", "last"), [
    ("2027-06-30", date(2027, 6, 30)), ("18 months", date(2028, 7, 31)), ("24m", date(2029, 1, 31)),
    ("2 years", date(2029, 1, 31)), ("1 week", date(2027, 2, 7)), ("10 days", date(2027, 2, 10)),
    ("P1M", date(2027, 2, 28)), (864000, date(2027, 2, 10)), (86399, date(2027, 1, 31)),
    ({"months": 3}, date(2027, 4, 30)), ({"days": 10}, date(2027, 2, 10)),
    ({"duration": "1y"}, date(2028, 1, 31)),
    ({"duration": 864000}, date(2027, 2, 10)), ({"deadline": "2028-01-01"}, date(2028, 1, 1)),
])  # fmt: skip
def test_a_timeline_has_many_forms(timeline, last):
    """A number is seconds, as everywhere."""
    assert PlanRequest(**{**WHOLE, "timeline": timeline}).timeline.end(date(2027, 1, 31)) == last


def test_a_name_stands_for_a_service():
    (made,) = PlanRequest(**WHOLE).components
    assert (made.name, made.kind, made.role, made.depends_on, made.count) == ("api", "service", "both", (), 1)


def test_an_inventory_stands_for_components():
    wanted = PlanRequest(timeline="1 year", policy=POLICY, **asset())
    assert wanted.components == ()
    assert wanted.inventory and wanted.inventory.assets[0].location == "web:443"


def test_an_assessment_needs_a_policy():
    with pytest.raises(BadInput) as refused:
        AssessRequest(inventory=INVENTORY, policies=[])
    assert refused.value.field == "policies"


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*PlanRequest.model_fields, "x"]), JSON))
def test_any_document_is_read_or_refused(document):
    try:
        PlanRequest.model_validate({**WHOLE, **document})
    except ValidationError as error:
        assert isinstance(bad_input(error, PlanRequest), BadInput)
