"""Client of an OpenTelemetry collector: OTLP over HTTP with Protocol Buffers.

Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter".
"""

from __future__ import annotations

import gzip
import http.client
import ssl
from typing import Final

from novacron._version import __version__
from shared.traces.environment import Address

LATER: Final = (429, 502, 503, 504)
"""Retryable status codes (OTLP specification, "Retryable Response Codes")."""
LONGEST_SHOWN: Final = 200


class Refused(Exception):  # noqa: N818 - named after the collector's response
    """The collector rejected the spans; a retry would not help."""


class Collector:
    """Connection to a collector, kept alive; not thread-safe.

    Args:
        at: its address.
    """

    def __init__(self, at: Address) -> None:
        self._at = at
        self._headers = {
            "user-agent": f"novacron/{__version__}", **at.headers, "content-type": "application/x-protobuf",
            **({"content-encoding": "gzip"} if at.compressed else {}),
        }  # fmt: skip
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes) -> None:
        """Send an export request.

        Raises:
            OSError: the collector is unreachable, timed out, or answered with a retryable status.
            Refused: it answered with another status.
        """
        status, body_text = self._answer(gzip.compress(body, 1) if self._at.compressed else body)
        if 200 <= status < 300:
            return
        message = f"{self._at} answered {status} {body_text.decode(errors='replace')[:LONGEST_SHOWN]}".strip()
        raise OSError(message) if status in LATER else Refused(message)

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _answer(self, body: bytes) -> tuple[int, bytes]:
        while True:
            kept, self._connection = self._connection, self._connection or self._dial()
            try:
                self._connection.request("POST", self._path, body, self._headers)
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                # The server may have closed an idle connection: retry once on a new one.
                if kept is None or isinstance(error, TimeoutError):
                    raise OSError(f"{self._at}: {error or type(error).__name__}") from None

    @property
    def _path(self) -> str:
        return self._at.url._replace(scheme="", netloc="").geturl() or "/"

    def _dial(self) -> http.client.HTTPConnection:
        at = self._at
        host = at.url.hostname or ""
        if at.url.scheme == "http":
            return http.client.HTTPConnection(host, at.port, timeout=at.timeout_s)
        context = ssl.create_default_context(cafile=at.ca_file)
        if at.certificate:
            context.load_cert_chain(*at.certificate)
        return http.client.HTTPSConnection(host, at.port, timeout=at.timeout_s, context=context)
