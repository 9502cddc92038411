"""OpenTelemetry's environment variables: whether tracing is on, the address of the collector, the limits.

Source: OpenTelemetry specification, "OpenTelemetry Environment Variable Specification" and "OpenTelemetry
Protocol Exporter". Importing this is cheap: `novacron up` refuses a wrong variable before it starts anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from novacron.errors import BadInput

GENERAL, OF_TRACES = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
PATH: Final = "/v1/traces"
PROTOCOL: Final = "http/protobuf"
SDK: Final = "opentelemetry.sdk"
LIMITS = {
    "OTEL_BSP_SCHEDULE_DELAY": 1000, "OTEL_BSP_MAX_QUEUE_SIZE": 2048, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": 512,
}  # fmt: skip
"""Defaults of the batch processor, in milliseconds and spans. The delay is shorter than the specification's
5 s, since a worker that is killed loses the spans it has not exported."""


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


def check(environment: Mapping[str, str] = os.environ) -> tuple[Address, dict[str, int]] | None:
    """Return the collector and the values of `LIMITS`; None if tracing is off, as without an endpoint.

    Raises:
        BadInput: a variable breaks its rule, or OpenTelemetry's SDK is not installed.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip() or "otlp"
    if exporter not in ("otlp", "none"):
        raise BadInput("must be otlp or none", field="OTEL_TRACES_EXPORTER", value=exporter)
    at = address(environment)
    if at is None or exporter == "none":
        return None
    limits = {name: _limit(environment, name, default) for name, default in LIMITS.items()}
    if not _installed():
        raise BadInput(
            "names a collector, but OpenTelemetry's SDK is not installed", field=f"{GENERAL}ENDPOINT",
            value=str(at), hint="pip install 'novacron[otel]', or unset the variable to turn tracing off",
        )  # fmt: skip
    return at, limits


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


def _installed() -> bool:
    try:
        return find_spec(f"{SDK}.trace") is not None
    except ModuleNotFoundError:
        return False


def _limit(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip() or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise BadInput("must be a whole number from 1 to 1000000", field=name, value=text)
    return int(text)
