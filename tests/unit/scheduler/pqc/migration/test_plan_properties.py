"""Whatever components there are: the plan keeps every rule, its days fit together, and cycles are found."""

from datetime import UTC, datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.migration.component import ComponentKind, Role
from novacron.migration.plan import Step, StepType
from novacron.migration.requests import PlanRequest
from scheduler.pqc.migration import policies
from scheduler.pqc.migration.plan import plan

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CHANGES = ("canary", "switch", "rewrap", "reissue", "validate")
ENABLES = ("enable_verifiers", "enable_readers")
PHASES = get_args(StepType)
OLD = {
    "trust_anchor": "ECDSA-P384", "certificate": "RSA-2048", "stored_key": "Ed25519", "ssh_key": "Ed25519",
    "envelopes": "HPKE-X25519", "tls_endpoint": "X25519", "database_tls": "ECDH-P256", "redis_tls": "X25519",
    "service": "RSA-3072", "ssh_endpoint": "curve25519-sha256",
}  # fmt: skip


@st.composite
def graphs(draw, acyclic=True):
    """Components that depend on each other, in any order of the request."""
    size = draw(st.integers(1, 9))
    made = []
    for number in range(size):
        kind = draw(st.sampled_from(get_args(ComponentKind)))
        others = range(number) if acyclic else range(size)
        after = draw(st.sets(st.sampled_from(others), max_size=3)) if others else set()
        made.append({
            "name": f"c{number}", "kind": kind, "algorithm": OLD[kind],
            "role": draw(st.sampled_from(get_args(Role))), "count": draw(st.sampled_from([1, 40, 20_000])),
            "depends_on": [f"c{one}" for one in sorted(after)],
        })  # fmt: skip
    return draw(st.permutations(made))


def made(components, level="medium", timeline="30 years"):
    wanted = {"timeline": timeline, "components": components, "risk_tolerance": level}
    return plan(PlanRequest(policy=policies.load()["general"], **wanted), "plan_1", NOW)


def reached(steps):
    """Id -> all steps that must be done before it."""
    found: dict[str, set[str]] = {}
    for step in steps:
        assert all(one in found for one in step.dependencies), "in an order that keeps every dependency"
        found[step.id] = set(step.dependencies).union(*(found[one] for one in step.dependencies))
    return found


def chains(steps):
    found: dict[Any, list[Step]] = {}
    for step in steps:
        found.setdefault((step.components[0], step.algorithm.old, step.algorithm.new), []).append(step)
    return found


def within(chain, types):
    return [one for one in chain if one.type in types]


@settings(max_examples=60)
@given(graphs(), st.sampled_from(["low", "medium", "high"]))
def test_every_rule_of_order_is_kept(components, level):
    found = made(components, level)
    before, chain_of, known = (
        reached(found.steps),
        chains(found.steps),
        {one["name"]: one for one in components},
    )
    for (name, _, new), chain in chain_of.items():
        assert [one.type for one in chain] == sorted((one.type for one in chain), key=PHASES.index)
        assert all(one.id in before[other.id] for one, other in pairwise(chain))
        for (first, _, _), other in chain_of.items():
            if first in known[name]["depends_on"]:
                needed = (within(other, CHANGES) or within(other, ENABLES))[-1]
                assert all(needed.id in before[one.id] for one in within(chain, CHANGES)[:1])
                assert chain[-1].id in before[other[-1].id], "what others depend on is retired after them"
        if known[name]["role"] in ("reader", "verifier"):
            for (_, _, made_with), other in chain_of.items():
                if made_with == new and (changes := within(other, CHANGES)):
                    assert chain[0].id in before[changes[0].id], "accepted before it is made"
                    assert changes[-1].id in before[chain[-1].id], "and the old until it is made no more"


@settings(max_examples=60)
@given(graphs(), st.sampled_from(["low", "medium", "high"]))
def test_the_days_fit_together(components, level):
    found = made(components, level)
    by_id, line = {one.id: one for one in found.steps}, found.timeline
    for step in found.steps:
        assert line.start <= step.starts <= step.ends <= line.ends <= line.deadline
        assert step.starts <= step.must_start_by
        latest_end = step.must_start_by + (step.ends - step.starts)
        assert latest_end <= line.deadline
        for one in (by_id[name] for name in step.dependencies):
            dual = step.type == "retire" and one.type != "retire"
            assert step.starts > one.ends + timedelta(days=line.dual_period_days if dual else 0)
            assert step.must_start_by > one.must_start_by + (one.ends - one.starts)
    path = [by_id[name] for name in line.critical_path]
    assert (path[0].starts, path[-1].ends) == (line.start, line.ends)
    assert all(one.id in other.dependencies for one, other in pairwise(path))
    assert line.slack_days == min((one.must_start_by - one.starts).days for one in found.steps)
    assert line.must_start_by == min(one.must_start_by for one in found.steps)


@settings(max_examples=30)
@given(graphs())
def test_the_deadline_is_as_early_as_the_plan_says(components):
    ends = made(components).timeline.ends
    assert made(components, timeline=ends.isoformat()).timeline.slack_days == 0
    day_before = (ends - timedelta(days=1)).isoformat()
    with pytest.raises(BadInput, match=f"the earliest deadline is {ends}"):
        made(components, timeline=day_before)


@settings(max_examples=60)
@given(graphs(acyclic=False))
def test_cycles_are_always_found_and_only_they(components):
    follows = {one["name"]: one["depends_on"] for one in components}
    try:
        TopologicalSorter(follows).prepare()
    except CycleError:
        with pytest.raises(BadInput) as refused:
            made(components)
        told = refused.value.rule.partition("cycle: ")[2].split(" -> ")
        assert told[0] == told[-1]
        assert all(after in follows[name] for name, after in pairwise(told))
    else:
        assert made(components).steps
