"""The environment variables of the client, and what was probably meant by names that are like them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

PREFIX = "NOVACRON_"
CLIENT = ("URL", "TOKEN", "TLS", "CA_FILE", "DATA", "KEY_PASSWORD", "STRICT", "TRACEBACK")
ALIKE = 0.8
"""Likeness of a slip of the pen; no variable of the server is so like one of the client's."""


def misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """Say which variables look like slips for one of the client's, which then goes without."""
    for variable in environment:
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX)
        if name not in CLIENT and (meant := get_close_matches(name, CLIENT, n=1, cutoff=ALIKE)):
            yield f"{variable} is not read: did you mean {PREFIX}{meant[0]}?"
