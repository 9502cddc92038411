"""JSON that was good until something in it was replaced, added or taken away."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "\x00",
        "\ud800",
        "auto",
        "ZZ",
        "../x",
        "${x}",
        "%s",
        "'; --",
        "1e999",
        "a" * 300,
        "statevector",
        "\u202e",
    ]
)
NUMBERS = (
    st.integers(-3, 40)
    | st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**400, -1])
    | st.floats(allow_nan=False)
    | st.sampled_from([1e308, 5e-324, -0.0])
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def bent(draw: st.DrawFn, documents: Sequence[object]) -> Any:
    """A good document with up to three things in it replaced, added or taken away."""
    document = json.loads(json.dumps(draw(st.sampled_from(documents))))
    for _ in range(draw(st.integers(1, 3))):
        place = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys)) if keys else None
            inner = place[key] if key is not None else None
            if key is not None and isinstance(inner, dict | list) and draw(st.booleans()):
                place = inner
                continue
            break
        change = draw(st.sampled_from(["replace", "add", "remove"]))
        if change == "add" and isinstance(place, dict):
            place[draw(TEXTS)] = draw(VALUES)
        elif change == "remove" and key is not None:
            del place[key]
        elif key is not None:
            place[key] = draw(VALUES)
    return document
