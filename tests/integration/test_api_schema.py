"""The API does what `/openapi.json` says: schemathesis asks it whatever that allows, and what it does not."""

import os
import subprocess
import sys

from tests.integration.conftest import Api

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "ignored_auth",
)  # fmt: skip
EXAMPLES = 8
"""Generated requests of each operation, beside those that try each keyword of its description."""
HOOKS = """
import schemathesis
schemathesis.serializer.alias("application/ocsp-request", "application/octet-stream")
"""


def test_no_answer_is_undocumented(api: Api, tmp_path):
    (tmp_path / "hooks.py").write_text(HOOKS)
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{api.port}/openapi.json",
        "--header", f"Authorization: Bearer {api.token}", "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--workers", "1",
        "--generation-deterministic", "--no-shrink", "--continue-on-failure", "--request-timeout", "60",
        "--exclude-path", "/readyz", "--no-color",
    ]  # fmt: skip
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert api.http.get("/readyz").status_code == 503  # no worker runs here; this is why it is left out above
