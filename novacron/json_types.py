"""Types of JSON values whose members are not known in advance.

Both are read-only: lists and dicts of narrower types are such values, too. Where the members are known, use a
model or a `TypedDict`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]
