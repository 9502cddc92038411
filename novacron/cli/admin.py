"""`backends` and `workers`: where jobs can run."""

from __future__ import annotations

from novacron.cli import output


def backends(as_json: output.AsJson = False) -> None:
    """List the backends with their availability and limits."""
    found = output.client().backends()
    if as_json:
        return output.emit({"backends": found})
    from novacron.cli import tables

    output.console().print(tables.backends(found))


def workers(as_json: output.AsJson = False) -> None:
    """List the workers and the queues."""
    found = output.client().workers()
    if as_json:
        return output.emit(found)
    from novacron.cli import tables

    output.console().print(tables.workers(found), tables.queues(found))
