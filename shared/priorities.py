"""The maximum priority of jobs, by the role of the submitting token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from novacron.roles import ROLES

HIGHEST = 100
FORMS = (
    f"ROLE=NUMBER with commas between them, numbers from -{HIGHEST} to {HIGHEST}, roles {', '.join(ROLES)}"
)


@cache
def ceilings(setting: str) -> Mapping[str, int]:
    """Return the maximum priority of each role; an unnamed role has that of the next lower one.

    Raises:
        ValueError: an entry is not `ROLE=NUMBER`.
    """
    given: dict[str, int] = {}
    for entry in filter(None, (one.strip() for one in setting.split(","))):
        role, _, number = entry.partition("=")
        if role not in ROLES or not re.fullmatch("-?[0-9]{1,3}", number) or abs(int(number)) > HIGHEST:
            raise ValueError(f"{entry!r} is not {FORMS}")
        given[role] = int(number)
    found: dict[str, int] = {}
    most = 0
    for role in ROLES:
        most = given.get(role, most)
        found[role] = most
    return found
