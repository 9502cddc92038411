"""Variational jobs whose workers are killed."""

import pytest

from testing.faults import loops


@pytest.fixture(autouse=True)
def as_installed(rig, monkeypatch):
    """Workers load the simulators ahead: a first task that did it would lose its lease on a busy machine."""
    monkeypatch.setattr(rig, "quick", False)


@pytest.mark.parametrize(("granularity", "iterations"), [("fused", 150), ("fanned_out", 12)])
def test_a_killed_loop_ends_with_the_same_bits_and_computes_nothing_again(rig, granularity, iterations):
    seen = loops.same_bits(rig, granularity, iterations, kills=2, seed=1)
    assert seen["kills"] > 0
    assert (seen["different"], seen["computed_again"]) == (0, 0)
