"""Parses the spec of a job from its row."""

from __future__ import annotations

from novacron.errors import BadInput
from novacron.specs import Spec, parse_spec
from shared.db.jobs import WorkOrder
from shared.quantum.backend_name import BackendName
from workers.runtime.outcome import OutdatedError


def spec_of(job: WorkOrder) -> Spec:
    """Parse a job's spec, with `auto` replaced by the selected backend, or by its device.

    Raises:
        OutdatedError: another version of NovaCron accepted it, and this one cannot read it.
    """
    try:
        spec = parse_spec(job.spec, stored=True)
    except BadInput as error:
        raise OutdatedError(f"this version of NovaCron does not take the job: {error}") from error
    backend = job.plan.get("backend")
    if not backend:
        return spec
    return spec.model_copy(update={"backend": str(BackendName(backend, job.plan.get("device") or ""))})
