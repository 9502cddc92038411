"""Loops that start at the parameters of another job."""

from __future__ import annotations

from novacron.errors import BadInput
from novacron.specs import Spec
from novacron.specs.initial_point import awaited
from shared.db import parameters
from shared.db.session import Connection

LOOPS = ("hybrid_vqe", "hybrid_qaoa")
"""Kinds whose results have parameters at which a loop may start."""


def waiting(spec: Spec) -> Spec:
    """Return the spec, with the job at whose parameters it starts among those that it waits for."""
    start = awaited(spec)
    if start is None or start in spec.depends_on:
        return spec
    return spec.model_copy(update={"depends_on": (*spec.depends_on, start)})


def key(connection: Connection, spec: Spec, tenant_id: int) -> str | None:
    """Return the key of the job at whose parameters a loop is to start.

    Raises:
        BadInput: that job has no loop, or does not exist.
    """
    start = awaited(spec)
    if start is None:
        return None
    found = parameters.find(connection, tenant_id, start)
    if found is None:
        raise BadInput("there is no such job in this tenant", field="initial_point.job", value=start)
    if found.kind not in LOOPS:
        rule = f"a {found.kind} job has no parameters; {', '.join(LOOPS)} have some"
        raise BadInput(rule, field="initial_point.job", value=start)
    return found.content_key
