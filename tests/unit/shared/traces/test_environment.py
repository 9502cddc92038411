"""The variables of OpenTelemetry: whether tracing is on, and the address of the collector."""

from importlib import util
from pathlib import Path

import pytest

from novacron.errors import BadInput
from shared.traces import environment
from shared.traces.environment import LIMITS, address, check

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
ON = {ENDPOINT: "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    "more", [{}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}], ids=str
)
def test_tracing_is_off_without_an_endpoint_and_where_it_is_turned_off(more):
    assert check(ON | more if more else {}) is None


def test_an_endpoint_turns_it_on_with_limits_from_the_environment():
    found = check(ON | {"OTEL_BSP_MAX_QUEUE_SIZE": "7"})
    assert found is not None
    at, limits = found
    assert (str(at), limits) == ("http://127.0.0.1:4318/v1/traces", LIMITS | {"OTEL_BSP_MAX_QUEUE_SIZE": 7})


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_TRACES_EXPORTER", "jaeger"), ("OTEL_BSP_MAX_QUEUE_SIZE", "0"), ("OTEL_BSP_SCHEDULE_DELAY", "x")],
)
def test_a_variable_that_breaks_its_rule_is_named(name, value):
    with pytest.raises(BadInput) as refused:
        check(ON | {name: value})
    assert (refused.value.field, refused.value.value) == (name, value)


def test_without_the_sdk_an_endpoint_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        environment, "find_spec", lambda name: None if "sdk" in name else util.find_spec(name)
    )
    with pytest.raises(BadInput, match="SDK is not installed") as refused:
        check(ON)
    assert "novacron[otel]" in (refused.value.hint or "")
    assert check({}) is None


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
def test_a_variable_of_the_address_that_breaks_its_rule_is_named(name, value, rule):
    with pytest.raises(BadInput, match=rule) as refused:
        address({ENDPOINT: "http://host:4318", f"OTEL_EXPORTER_OTLP_{name}": value})
    assert refused.value.field == f"OTEL_EXPORTER_OTLP_{name}"
    assert name != "HEADERS" or refused.value.value is None, "it may be secret"
