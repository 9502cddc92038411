"""Client of an OpenTelemetry collector: OTLP over HTTP with Protocol Buffers.

Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter".
"""

from __future__ import annotations

import gzip
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from novacron._version import __version__
from novacron.errors import BadInput

GENERAL, OF_TRACES = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
PATH: Final = "/v1/traces"
PROTOCOL: Final = "http/protobuf"
LATER: Final = (429, 502, 503, 504)
"""Retryable status codes (OTLP specification, "Retryable Response Codes")."""
LONGEST_SHOWN: Final = 200


class Refused(Exception):  # noqa: N818 - named after the collector's response
    """The collector rejected the spans; a retry would not help."""


@dataclass(frozen=True, slots=True)
class Address:
    """Address and options of a collector.

    Attributes:
        url: URL with the path.
        headers: headers of each request; may contain secrets.
        timeout_s: timeout of connecting and of each read, in seconds.
        compressed: whether request bodies are compressed with gzip.
        ca_file: trusted certificates; None for those of the system.
        certificate: files of the client certificate and of its key, for mutual TLS.
    """

    url: SplitResult
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 10.0
    compressed: bool = False
    ca_file: str | None = None
    certificate: tuple[str, str | None] | None = None

    def __str__(self) -> str:
        return f"{self.url.scheme}://{self.url.hostname}:{self.port}{self.url.path}"

    @property
    def port(self) -> int:
        """The TCP port."""
        return self.url.port or (443 if self.url.scheme == "https" else 80)


def address(environment: Mapping[str, str]) -> Address | None:
    """Read the address from OTEL_EXPORTER_OTLP_* variables; None where no endpoint is set.

    Raises:
        BadInput: a variable breaks its rule.
    """

    def setting(name: str) -> tuple[str, str]:
        for variable in (OF_TRACES + name, GENERAL + name):
            if text := environment.get(variable, "").strip():
                return variable, text
        return GENERAL + name, ""

    variable, endpoint = setting("ENDPOINT")
    if not endpoint:
        return None
    _one_of(*setting("PROTOCOL"), PROTOCOL)
    _, ca_file = setting("CERTIFICATE")
    _, certificate = setting("CLIENT_CERTIFICATE")
    _, key = setting("CLIENT_KEY")
    for name in ("CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"):
        _readable(*setting(name))
    return Address(
        _url(variable, endpoint if variable.startswith(OF_TRACES) else endpoint.rstrip("/") + PATH),
        _headers(*setting("HEADERS")),
        _seconds(*setting("TIMEOUT")),
        _one_of(*setting("COMPRESSION"), "none", "gzip") == "gzip",
        ca_file or None,
        (certificate, key or None) if certificate else None,
    )


def _url(variable: str, text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        if url.scheme in ("http", "https") and url.hostname and url.port != 0 and not url.username:
            return url
    except ValueError:
        pass
    raise BadInput(
        "must look like http://host:4318", field=variable, value=text,
        hint=f"name a collector that accepts OTLP over HTTP, or unset {variable} to turn tracing off",
    )  # fmt: skip


def _headers(variable: str, text: str) -> dict[str, str]:
    """Parse `name=value,name=value`, with percent-encoded values."""
    found = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (unquote(word.strip()) for word in one.partition("="))
        plain = (name + value).isascii() and (name + value).isprintable()
        if not name or not equals or not plain:
            raise BadInput("must look like name=value,name=value", field=variable)  # without the value
        found[name.lower()] = value
    return found


def _seconds(variable: str, text: str) -> float:
    try:
        seconds = float(text or 10)
        if 0 < seconds <= 600:
            return seconds
    except ValueError:
        pass
    raise BadInput("must be seconds, above 0 and at most 600", field=variable, value=text)


def _one_of(variable: str, text: str, *words: str) -> str:
    if (text or words[0]) not in words:
        raise BadInput(f"must be {' or '.join(words)}", field=variable, value=text)
    return text or words[0]


def _readable(variable: str, path: str) -> None:
    try:
        if path:
            Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", field=variable, value=path) from None


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
