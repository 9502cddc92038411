"""The API does what `/openapi.json` says: schemathesis asks it whatever that allows, and what it does not."""

import subprocess
import sys

import pytest

from tests.integration.conftest import Api

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "ignored_auth",
)  # fmt: skip
EXAMPLES = 8
"""Generated requests of each operation, beside those that try each keyword of its description."""


@pytest.fixture(scope="module")
def ready(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory):
    """An API that waits for no workers, and so is ready."""
    running = Api(database_url, redis_url, tmp_path_factory.mktemp("api"), NOVACRON_QUEUES=",")
    try:
        running.wait()
        yield running
    finally:
        running.stop()
    assert "Traceback" not in running.log, running.log


def test_no_answer_is_undocumented(ready: Api, tmp_path):
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{ready.port}/openapi.json",
        "--header", f"Authorization: Bearer {ready.token}", "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--workers", "1",
        "--generation-deterministic", "--no-shrink", "--continue-on-failure", "--request-timeout", "60",
        "--no-color",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert ready.http.get("/readyz").status_code == 200
