"""Ceilings of priorities by role."""

import pytest

from novacron.roles import ROLES
from shared.priorities import ceilings


def test_a_role_without_its_own_ceiling_has_that_of_the_lesser_one() -> None:
    assert ceilings("") == dict.fromkeys(ROLES, 0)
    told = {"read": 0, "submit": -5, "admin": -5, "operator": 100}
    assert ceilings("submit=-5, operator=100") == told


@pytest.mark.parametrize(
    "setting",
    ["submit", "submit=x", "root=1", "submit=101", "admin=-101", "submit=1;admin=2", "=1", "submit=１"],
)
def test_a_wrong_ceiling_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="is not ROLE=NUMBER"):
        ceilings(setting)
