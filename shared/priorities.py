"""The highest priority that jobs may have, by the role of the token they come with."""

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
    """The highest priority of each role; one that is not named has that of the next lesser one.

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
