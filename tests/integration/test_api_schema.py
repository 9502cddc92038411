"""The API does what `/openapi.json` says: schemathesis asks it whatever that allows, and what it does not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import httpx
import pytest

from scheduler.api.guard import WHOLE
from tests.integration.conftest import JOBS, Api

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "ignored_auth",
)  # fmt: skip
EXAMPLES = 4
"""Generated requests of each operation, beside those that try each keyword of its description.

Jobs have too many keywords for each to be tried: their descriptions are tried in
`tests/unit/scheduler/api/test_schemas.py`.
"""
LARGEST_BYTES = 1 << 16
"""Of a generated body, as it is written here: what a request costs must not be left to chance."""
HOOKS = f"""
import schemathesis
schemathesis.serializer.alias("application/ocsp-request", "application/octet-stream")

@schemathesis.hook
def filter_body(context, body):
    return len(repr(body)) <= {LARGEST_BYTES}
"""


@pytest.fixture
def ended(api: Api) -> Iterator[None]:
    """No worker runs here: what is accepted is cancelled, so that no request waits for it."""
    over = Event()
    with ThreadPoolExecutor(1) as thread:
        ending = thread.submit(_end_jobs, api, over)
        try:
            yield
        finally:
            over.set()
        ending.result()


def _end_jobs(api: Api, over: Event) -> None:
    with api.client(dict(api.http.headers)) as http:
        while not over.wait(0.1):
            # The API may be too busy to answer, or close a connection: the next round asks again.
            with suppress(httpx.HTTPError):
                answer = http.get(JOBS, params={"status": "queued", "limit": 500})
                for job in answer.json()["jobs"] if answer.is_success else ():
                    http.delete(f"{JOBS}/{job['job_id']}")


@pytest.mark.parametrize(
    ("choice", "phases"), [("--exclude-path", "examples,coverage,fuzzing"), ("--include-path", "fuzzing")]
)
def test_no_answer_is_undocumented(api: Api, ended, tmp_path, choice: str, phases: str):
    (tmp_path / "hooks.py").write_text(HOOKS)
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{api.port}/openapi.json",
        "--header", f"Authorization: Bearer {api.token}", "--checks", ",".join(CHECKS),
        "--phases", phases, *(part for path in sorted(WHOLE) for part in (choice, path)),
        "--max-examples", str(EXAMPLES), "--workers", "1",
        "--generation-deterministic", "--no-shrink", "--continue-on-failure", "--request-timeout", "60",
        "--exclude-path", "/readyz", "--no-color",
    ]  # fmt: skip
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert api.http.get("/readyz").status_code == 503  # no worker runs here; this is why it is left out above
