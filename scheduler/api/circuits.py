"""Export of completed jobs' circuits over HTTP. A worker serializes them, since Qiskit is installed there."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from novacron.errors import BadInput, Conflict
from novacron.json_types import JsonObject
from novacron.specs import Classical
from scheduler.api.jobs import document
from scheduler.api.operations import performed
from scheduler.api.services import ServicesDep, Submitter
from shared.db.reading import WholeJob

router = APIRouter(prefix="/api/quantum")

Format = Annotated[Literal["qasm3", "qpy"], Query()]
MEDIA = {"qasm3": "text/plain; charset=utf-8", "qpy": "application/octet-stream"}
WITH_CIRCUIT = ("hybrid_vqe", "hybrid_qaoa", "pure_quantum")


@router.get("/jobs/{job_id}/circuit")
async def circuit(job_id: str, found: ServicesDep, who: Submitter, format: Format = "qasm3") -> Response:
    """Return the circuit of a completed job with its optimized parameters, as OpenQASM 3 or QPY."""
    job = await run_in_threadpool(document, found, who, job_id)
    if job["kind"] not in WITH_CIRCUIT:
        rule = f"a {job['kind']} job has no single circuit; {', '.join(WITH_CIRCUIT)} have one"
        raise BadInput(rule, field="job_id", value=job_id)
    if "points" in (job["result"] or {}) or job["spec"].get("circuits"):
        rule = "ran circuits at many points, and has no single circuit"
        raise BadInput(rule, field="job_id", value=job_id)
    if job["status"] != "completed":
        raise Conflict(f"job {job_id} is {job['status']}: only a completed job has its parameters")
    wanted = {
        "function": "bound_circuit",
        "name": f"circuit of {job_id}",
        "arguments": {**_arguments(job), "format": format},
    }
    made = await performed(found, who, await run_in_threadpool(Classical.model_validate, wanted))
    written = made["value"]["circuit"]
    body = base64.b64decode(written) if format == "qpy" else written.encode()
    return Response(body, media_type=MEDIA[format])


def _arguments(job: WholeJob) -> JsonObject:
    result = job["result"] or {}
    arguments = {name: result.get(name) for name in ("parameters", "operators")}
    value = next((f"{name} {result[name]!r}" for name in ("energy", "expectation") if name in result), None)
    remarks = [f"NovaCron job {job['job_id']}, {job['kind']}" + (f": {value}" if value else "")]
    if job["spec"]["noise"] is not None:
        remarks.append("the value is that of a noisy device, which this circuit does not describe")
    return {"spec": job["spec"], **arguments, "remarks": remarks}
