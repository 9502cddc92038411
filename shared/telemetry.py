"""What processes log of their work: one line a fact, `word key=value key=value`, for people and for grep."""

from __future__ import annotations

import json
import re

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s"
DATES = "%Y-%m-%dT%H:%M:%S"
PLAIN = re.compile(r"[\w.,:/+@-]+", re.ASCII)
LONGEST = 300


def line(word: str, **facts: object) -> str:
    """One line of the log; facts that are None are left out.

    Values that are not plain are quoted as JSON, so that no value can forge a line or a fact.
    """
    return " ".join(
        [word, *(f"{name}={_shown(value)}" for name, value in facts.items() if value is not None)]
    )


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)[:LONGEST]
    return text if PLAIN.fullmatch(text) else json.dumps(text)
