"""The requests that a collector gets."""

import gzip

import pytest

from shared.traces.collector import Collector, Refused
from shared.traces.environment import address
from testing.collector import collector

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def reached(url: str, **more: str) -> Collector:
    found = address({ENDPOINT: url} | {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in more.items()})
    assert found is not None
    return Collector(found)


def test_a_request_carries_the_headers_and_may_be_compressed():
    with collector() as there:
        client = reached(there.url, HEADERS="api-key=k", COMPRESSION="gzip")
        client.post(b"")
        client.post(b"")
        client.close()
    assert (there.requests, there.headers["api-key"]) == (2, "k")
    assert there.headers["content-type"] == "application/x-protobuf"
    assert there.headers["content-encoding"] == "gzip"
    assert gzip.decompress(gzip.compress(b"")) == b""


@pytest.mark.parametrize(("status", "kind"), [(503, OSError), (429, OSError), (400, Refused), (401, Refused)])
def test_answers_say_whether_a_retry_may_help(status, kind):
    with collector() as there:
        there.status = status
        client = reached(there.url)
        with pytest.raises(kind, match=f"answered {status}"):
            client.post(b"")
        client.close()


def test_a_collector_that_was_restarted_is_reached_on_a_new_connection():
    with collector() as there:
        client = reached(there.url)
        client.post(b"")
        port = int(there.url.rpartition(":")[2])
    with pytest.raises(OSError, match="/v1/traces"):
        client.post(b"")
    with collector(port) as again:
        client.post(b"")
        assert again.requests == 1
    client.close()
