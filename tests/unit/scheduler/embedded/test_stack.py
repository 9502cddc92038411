"""What the stack is made of, where files of its folder are damaged or settings come from a file."""

import json

import pytest

from scheduler.embedded import ports, service, stack


@pytest.mark.parametrize(
    "damaged",
    [b"", b"{", b"[1]", b"\xff", b'"x"', b'{"api": "80"}', b'{"api": -1, "redis": true, "flower": 99999}'],
)
def test_damaged_ports_are_chosen_anew(tmp_path, damaged):
    (tmp_path / "ports.json").write_bytes(damaged)
    chosen = stack._ports(tmp_path)
    metrics = {"metrics", *(f"metrics-{queue}" for queue in stack.queues())}
    assert set(chosen) == {"redis", "api", "flower"} | metrics
    assert len(set(chosen.values())) == len(chosen)
    assert all(port in ports.RANGE for port in chosen.values())
    assert json.loads((tmp_path / "ports.json").read_text()) == chosen
    assert stack._ports(tmp_path) == chosen


def test_settings_of_the_file_count_as_those_of_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "novacron.toml"
    file.write_text(f'queues = "crypto"\ntargets_file = "/etc/targets.toml"\nkek_file = "{tmp_path}/kek2"\n')
    for name in ("QUEUES", "TARGETS_FILE", "KEK", "KEK_FILE", "KEK_URL"):
        monkeypatch.delenv(f"NOVACRON_{name}", raising=False)
    monkeypatch.setenv("NOVACRON_CONFIG", str(file))
    assert stack.queues() == ["crypto"]
    assert stack._targets(tmp_path) == {"NOVACRON_TARGETS_FILE": "/etc/targets.toml"}
    assert stack._kek(tmp_path) == {}  # the worker reads it in the file
    monkeypatch.delenv("NOVACRON_CONFIG")
    assert stack._kek(tmp_path) == {"NOVACRON_KEK_FILE": str(tmp_path / "kek")}


def test_children_see_the_variables_of_tracing(tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    seen = service.environment(tmp_path, "name", {})
    assert seen["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert seen["OTEL_TRACES_SAMPLER"] == "always_on"


def test_children_see_no_variable_of_other_software(tmp_path, monkeypatch):
    for name in ("PGPORT", "PGOPTIONS", "REDIS_URL", "CELERY_BROKER_URL", "FLOWER_PORT", "WEB_CONCURRENCY"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("NOVACRON_KEK", "secret")
    seen = service.environment(tmp_path, "name", {"NOVACRON_PORT": "1"})
    assert not [name for name in seen if name.startswith(("PG", "REDIS", "CELERY", "FLOWER", "WEB_"))]
    assert "NOVACRON_KEK" not in seen
    assert (seen["NOVACRON_STACK"], seen["NOVACRON_PORT"]) == ("name", "1")
