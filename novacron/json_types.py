"""JSON values as types, for what comes or goes as JSON and whose members nobody knows beforehand.

Both are for reading: lists and dicts of narrower types are such values, too. Where the members are known, a
model or a `TypedDict` says them instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]
