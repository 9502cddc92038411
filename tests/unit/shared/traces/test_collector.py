"""The address of a collector from the variables of OpenTelemetry, and the requests that it gets."""

import gzip
from pathlib import Path

import pytest

from novacron.errors import BadInput
from shared.traces.collector import Collector, Refused, address
from testing.collector import collector

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def test_without_an_endpoint_there_is_no_collector():
    assert address({}) is None
    assert address({ENDPOINT: "", "OTEL_EXPORTER_OTLP_HEADERS": "a=b"}) is None


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({ENDPOINT: "http://host:4318"}, "http://host:4318/v1/traces"),
        ({ENDPOINT: "https://host/base/"}, "https://host/base/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://host/own"}, "http://host/own"),
        ({ENDPOINT: "http://one", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://two/t"}, "http://two/t"),
    ],
)
def test_the_endpoint_is_completed_as_specified(variables, url):
    found = address(variables)
    assert found is not None and found.url.geturl() == url


def test_variables_for_traces_go_before_general_ones(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("")
    found = address(
        {
            ENDPOINT: "https://host:4318",
            "OTEL_EXPORTER_OTLP_HEADERS": "a=general",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "Api-Key=se%20cret, b = 2",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "2.5",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": str(tmp_path / "ca.pem"),
        }
    )
    assert found is not None
    assert found.headers == {"api-key": "se cret", "b": "2"}
    assert (found.timeout_s, found.compressed, found.ca_file) == (2.5, True, str(tmp_path / "ca.pem"))
    assert "se cret" not in repr(found) + str(found)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("ENDPOINT", "host:4318", "must look like http://host:4318"),
        ("ENDPOINT", "http://user:password@host", "must look like http://host:4318"),
        ("ENDPOINT", "http://host:99999", "must look like http://host:4318"),
        ("PROTOCOL", "grpc", "must be http/protobuf"),
        ("HEADERS", "secret", "must look like name=value,name=value"),
        ("HEADERS", "a=b%0d%0ac: d", "must look like name=value,name=value"),
        ("TIMEOUT", "soon", "must be seconds"),
        ("TIMEOUT", "0", "must be seconds"),
        ("COMPRESSION", "zstd", "must be none or gzip"),
        ("CERTIFICATE", "/nowhere/ca.pem", "cannot be read"),
    ],
)
def test_a_variable_that_breaks_its_rule_is_named(name, value, rule):
    with pytest.raises(BadInput, match=rule) as refused:
        address({ENDPOINT: "http://host:4318", f"OTEL_EXPORTER_OTLP_{name}": value})
    assert refused.value.field == f"OTEL_EXPORTER_OTLP_{name}"
    assert name != "HEADERS" or refused.value.value is None, "it may be secret"


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
