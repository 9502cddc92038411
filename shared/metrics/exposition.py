"""The page scraped by Prometheus: metrics of this process, optionally with others of this machine."""

from __future__ import annotations

import hmac
import http.client
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from shared.metrics.access import listening
from shared.metrics.table import METRICS, Metric
from shared.metrics.tally import TALLY, Labels, Tally, Value

log = logging.getLogger("novacron.metrics")

PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE_S = 5.0
"""Timeout in seconds for an idle client, and for another process on this machine."""
BLOCK = re.compile(r"^# HELP (\S+) ", re.MULTILINE)


class Page(Collector):
    """Metric families of a tally, in table order; those without a series are omitted."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterable[Family]:
        """Return all families with their current values."""
        shown = self._tally.shown()
        for name, metric in METRICS.items():
            if name in shown:
                yield _family(metric, shown[name])


def _family(metric: Metric, series: dict[Labels, Value]) -> Family:
    if metric.kind == "histogram":
        histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, kept in sorted(series.items()):
            assert isinstance(kept, list)
            histogram.add_metric(labels, list(_cumulated(metric, kept)), kept[-1])
        return histogram
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in sorted(series.items()):
        family.add_metric(labels, value[0] / value[1] if isinstance(value, list) else value)
    return family


def _cumulated(metric: Metric, kept: Sequence[float]) -> Iterator[tuple[str, float]]:
    total = 0.0
    for bound, n in zip((*metric.buckets, float("inf")), kept[:-1], strict=True):
        total += n
        yield ("+Inf" if bound == float("inf") else repr(bound)), total


def text(tally: Tally = TALLY) -> str:
    """Return the page of a tally."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Page(tally))
    return generate_latest(registry).decode()


def together(pages: Sequence[str]) -> str:
    """Merge pages of several processes: a family that several have appears once, with all series."""
    families: dict[str, str] = {}
    for page in pages:
        starts = [at.start() for at in BLOCK.finditer(page)]
        for start, end in zip(starts, [*starts[1:], len(page)], strict=True):
            head, _, samples = page[start:end].partition("\n# TYPE ")
            kind, _, samples = samples.partition("\n")
            name = head.split(" ", 3)[2]
            families[name] = families.get(name, f"{head}\n# TYPE {kind}\n") + samples
    return "".join(families.values())


class Endpoint:
    """The HTTP endpoint that serves the page.

    Args:
        host: address to listen on.
        port: port to listen on.
        token: bearer token that clients must send; empty for none.
        beside: ports on this machine of other processes whose pages are included.

    Raises:
        BadInput: the port cannot be bound.
    """

    def __init__(self, host: str, port: int, *, token: str = "", beside: Sequence[int] = ()) -> None:
        socket = listening(host, port)
        self._server = ThreadingHTTPServer(
            socket.getsockname(), _reader(token, tuple(beside)), bind_and_activate=False
        )
        self._server.socket.close()
        self._server.socket = socket
        self._server.daemon_threads = True
        TALLY.on = True

    def start(self) -> None:
        """Start serving in a background thread."""
        Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Close the socket in a forked child of the listening process."""
        self._server.socket.close()


def _reader(token: str, beside: Sequence[int]) -> type[BaseHTTPRequestHandler]:
    expected = f"Bearer {token}".encode()

    class Reader(BaseHTTPRequestHandler):
        timeout = PATIENCE_S

        def do_GET(self) -> None:
            """Serve the page to authorized clients."""
            given = self.headers.get("Authorization", "").encode()
            if self.path.partition("?")[0] != PATH:
                self._answer(HTTPStatus.NOT_FOUND, f"metrics are at {PATH}\n")
            elif token and not hmac.compare_digest(given, expected):
                self._answer(HTTPStatus.UNAUTHORIZED, "send the token: Authorization: Bearer <token>\n")
            else:
                others = [page for port in beside if (page := _read(port, token))]
                self._answer(HTTPStatus.OK, together([text(), *others]) if others else text())

        def _answer(self, status: HTTPStatus, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body.encode())))
            if status is HTTPStatus.UNAUTHORIZED:
                self.send_header("WWW-Authenticate", "Bearer")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Do nothing: scrapes are not logged."""

    return Reader


def _read(port: int, token: str) -> str:
    """Return the page of another process on this machine; empty if it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", PATH, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.read().decode() if answer.status == HTTPStatus.OK else ""
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
