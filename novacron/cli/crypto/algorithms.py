"""`crypto algorithms`: the available algorithms."""

from __future__ import annotations

from novacron.cli import output


def algorithms(as_json: output.AsJson = False) -> None:
    """List the algorithms, and for each unavailable one the reason."""
    found = output.client().algorithms()
    if as_json:
        return output.emit(found)
    from novacron.cli import tables

    output.console().print(*tables.algorithms(found), sep="\n")
