"""Cost of tracing: `python -m benchmarks.traces [--rounds N]`.

Fan-outs of no-op tasks, alternately: without tracing, with a sampler that drops every trace, and with every
task traced to a collector on this machine that only reads and answers requests.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.contestant import Contestant, interleaved, medians, publish, ratios
from benchmarks.servers import servers

RESULTS = Path(__file__).parents[1] / "results" / "traces.json"
PROGRAM = "benchmarks.traces.traced"


class Sink(BaseHTTPRequestHandler):
    """A collector that decodes nothing: the cost of processing spans is not measured."""

    protocol_version = "HTTP/1.1"
    received = 0

    def do_POST(self) -> None:
        """Read and answer a request."""
        type(self).received += len(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Do nothing: requests are not logged."""


@contextmanager
def sink() -> Iterator[str]:
    """Run a sink; yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traces")
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with servers() as running, sink() as url:
        on = {"OTEL_EXPORTER_OTLP_ENDPOINT": url}
        ways = {"off": {}, "unsampled": on | {"OTEL_TRACES_SAMPLER": "always_off"}, "on": on}
        contestants = {
            name: Contestant(running, number, PROGRAM, variables)
            for number, (name, variables) in enumerate(ways.items(), 1)
        }
        rates = interleaved(contestants, rounds)
    summary = {
        **medians(rates), "on_over_off": ratios(rates, "on", "off"),
        "unsampled_over_off": ratios(rates, "unsampled", "off"), "bytes": Sink.received,
    }  # fmt: skip
    publish(summary, rates, RESULTS)


if __name__ == "__main__":
    main()
