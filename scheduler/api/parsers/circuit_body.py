"""The body of a request to execute one circuit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from novacron.errors import BadInput
from novacron.json_types import Json, JsonObject


def circuit_job(body: Json) -> JsonObject:
    """Return the job for one circuit: OpenQASM text in `circuit`, otherwise the keys of a pure_quantum job.

    `noise_model` is another name of `noise`.

    Raises:
        BadInput: the body is not an object, or names its noise twice.
    """
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    circuit = body.get("circuit")
    text = {"qasm": circuit} if isinstance(circuit, str) else circuit
    job = {**body, "kind": "pure_quantum", "circuit": text}
    if "noise_model" in job:
        if body.get("noise") is not None:
            raise BadInput("is another name of noise, which is given, too", field="noise_model")
        job["noise"] = job.pop("noise_model")
    return job


@contextmanager
def named_as_in(body: Json) -> Iterator[None]:
    """Name the noise in errors raised in the block `noise_model` if the body of an executed circuit does."""
    try:
        yield
    except BadInput as error:
        for one in error.all:
            if isinstance(body, dict) and "noise_model" in body and (one.field or "").startswith("noise"):
                one.field = f"noise_model{(one.field or '').removeprefix('noise')}"
        raise
