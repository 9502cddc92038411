"""Submits jobs over HTTP during faults."""

from __future__ import annotations

import itertools
import json
import urllib.error
import urllib.request
from typing import Any

NOTHING: dict[str, Any] = {"kind": "pure_classical", "function": "noop", "cache": False}


class Client:
    """Submits jobs and records which were accepted.

    Attributes:
        accepted: ids of the jobs acknowledged by a scheduler.
        refused: submissions without acknowledgement.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._keys = itertools.count()
        self.accepted: list[str] = []
        self.refused = 0

    def submit(self, spec: dict[str, Any] | None = None, *, wait_s: float = 0) -> dict[str, Any] | None:
        """Submit a job, by default one that does nothing; return its document, None if not accepted."""
        body = spec or NOTHING | {"seed": next(self._keys)}
        try:
            job: dict[str, Any] = self.call("POST", f"/api/quantum/jobs?wait_s={wait_s:g}", body)
        except OSError:
            self.refused += 1
            return None
        self.accepted.append(job["job_id"])
        return job

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request.

        Raises:
            OSError: no response, or an error response.
        """
        request = urllib.request.Request(
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=70) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            error.close()
            raise
