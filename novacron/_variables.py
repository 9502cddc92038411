"""The client's environment variables, and detection of misspelt ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

PREFIX = "NOVACRON_"
CLIENT = ("URL", "TOKEN", "TLS", "CA_FILE", "DATA", "KEY_PASSWORD", "STRICT", "TRACEBACK")
ALIKE = 0.8
"""Similarity threshold of a misspelling; no server variable is this similar to a client variable."""


def misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each variable that looks like a misspelling of one of the client's."""
    for variable in environment:
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX)
        if name not in CLIENT and (meant := get_close_matches(name, CLIENT, n=1, cutoff=ALIKE)):
            yield f"{variable} is not read: did you mean {PREFIX}{meant[0]}?"
