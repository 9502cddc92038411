"""The records of the kinds of steps: one for each, in their order, saying what plans need."""

from typing import get_args

from novacron.migration.component import ComponentKind
from novacron.migration.plan import StepType
from shared.crypto.step_kinds import STEP_KINDS, Phase


def test_each_kind_of_step_has_a_record_in_the_order_of_plans() -> None:
    assert tuple(STEP_KINDS) == get_args(StepType)
    phases = [get_args(Phase).index(one.phase) for one in STEP_KINDS.values()]
    assert phases == sorted(phases) and set(phases) == {0, 1, 2, 3}


def test_each_says_what_is_done_for_every_kind_of_component() -> None:
    for one in STEP_KINDS.values():
        assert set(one.actions) <= {"", *get_args(ComponentKind)} and one.actions[""] and one.undoing
        for text in one.actions.values():
            assert text.format(old="RSA", new="ML-DSA", count="3", share="5%")


def test_only_the_last_kind_cannot_be_taken_back() -> None:
    assert [one.type for one in STEP_KINDS.values() if not one.reversible] == ["retire"]
