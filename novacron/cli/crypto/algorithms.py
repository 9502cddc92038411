"""`crypto algorithms`: what is on offer."""

from __future__ import annotations

from novacron.cli import output


def algorithms(as_json: output.AsJson = False) -> None:
    """List the algorithms: those that can be used here, and why the others cannot."""
    found = output.client().algorithms()
    if as_json:
        return output.emit(found)
    from novacron.cli import tables

    output.console().print(*tables.algorithms(found), sep="\n")
