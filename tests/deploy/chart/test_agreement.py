"""The chart says what the processes read: queues, settings, ports, commands; and what Compose says."""

from dataclasses import asdict

import pytest
import yaml

from shared import settings
from shared.queues import QUEUES
from testing.chart import reading
from testing.chart.tools import CHART, ROOT

VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
COMPOSE = ROOT / "docker-compose.yml"
ROLES = {
    "scheduler": "-scheduler",
    "worker-cpu": "-worker-cpu",
    "worker-crypto": "-worker-crypto",
    "worker-gpu": "-worker-gpu",
    "worker-qpu": "-worker-qpu",
    "worker-ionq": "-worker-ionq",
    "flower": "-flower",
}
"""Service of Compose -> the end of the Deployment's name."""
OF_A_CLUSTER = {"NOVACRON_KEY_PREFIX", "NOVACRON_LEASE_S"}
"""What the chart says and Compose leaves to images and defaults."""
READ_AT_ONCE = {"NOVACRON_DATABASE_URL_FILE", "NOVACRON_REDIS_URL_FILE", "NOVACRON_METRICS_TOKEN_FILE"}
OF_THE_IMAGES = {"NOVACRON_HEARTBEAT_FILE"}


def own(container):
    return {
        name: value
        for name, value in reading.environment(container).items()
        if name.startswith(settings.PREFIX)
    }


def processes(render, name):
    for owner, pod in reading.pods(render(name)):
        for container in reading.containers(pod):
            yield owner, container


def test_there_is_a_way_to_serve_every_queue(render):
    served = {
        pod["metadata"]["labels"].get("novacron.io/queue") for _, pod in reading.pods(render("full"))
    } - {None}
    assert served == set(QUEUES)


@pytest.mark.parametrize("name", ["minimal", "full", "external", "secrets", "hpa", "trial"])
def test_processes_know_every_setting_and_take_its_value(render, name):
    for owner, container in processes(render, name):
        if owner.endswith("-test"):
            continue  # a client, which judges its own
        said = own(container)
        assert not list(settings.unknown(dict.fromkeys(said, "1"))), owner
        settings.given({
            name: value
            for name, value in said.items()
            if isinstance(value, str) and name not in READ_AT_ONCE
        })  # fmt: skip


def test_ports_are_those_of_the_processes(render):
    assert VALUES["scheduler"]["port"] == asdict(settings.Settings())["port"]
    for owner, container in processes(render, "minimal"):
        open_at = {one["name"]: one["containerPort"] for one in container.get("ports", ())}
        said = own(container)
        if owner.endswith("-scheduler") and container["name"] == "scheduler":
            assert open_at == {
                "http": int(said["NOVACRON_PORT"]),
                "metrics": int(said["NOVACRON_METRICS_PORT"]),
            }
        if container["name"] == "worker":
            assert open_at == {"metrics": int(said["NOVACRON_METRICS_PORT"])}
            assert said["NOVACRON_HOST"] == "0.0.0.0", "nobody could read its metrics"


def test_a_worker_serves_the_queue_of_its_pool(render):
    for _, pod in reading.pods(render("full")):
        if queue := pod["metadata"]["labels"].get("novacron.io/queue"):
            [worker] = pod["spec"]["containers"]
            assert worker["command"] == ["python", "-m", "workers", "--queue", queue]


def composed_services():
    """Services of the Compose file, where there is one."""
    return yaml.safe_load(COMPOSE.read_text())["services"] if COMPOSE.exists() else {}


def test_compose_runs_the_same(render):
    for service, composed in composed_services().items():
        if service in ROLES:
            compare(render, service, composed)


def compare(render, service, composed):
    pod = reading.named(render("full"), "Deployment", ROLES[service])["spec"]["template"]["spec"]
    [container] = pod["containers"]
    there = composed["command"]
    assert container["command"][:3] == there[:3]
    assert set(there) - set(container["command"]) <= {"--address", "0.0.0.0"}
    assert composed["image"].partition(":")[0] in container["image"]
    here, beside = (
        set(own(container)),
        {name for name in composed["environment"] if name.startswith("NOVACRON_")},
    )
    assert beside - here <= {"NOVACRON_QUEUES"}, "only the scheduler waits for queues"
    told = {f"NOVACRON_{name.upper()}" for name in settings.RULES}
    more = here - beside - OF_A_CLUSTER - OF_THE_IMAGES
    assert not more & told - EXTRAS.get(service, set()), more
    assert float(composed["stop_grace_period"].removesuffix("s")) <= pod["terminationGracePeriodSeconds"]


OF_VALUES = {
    "NOVACRON_MAX_QUEUED_JOBS",
    "NOVACRON_STRICT",
    "NOVACRON_BACKENDS_FILE",
    "NOVACRON_PQ_CRYPTO_FILE",
}
EXTRAS = dict.fromkeys(ROLES, OF_VALUES) | {
    "scheduler": OF_VALUES | {"NOVACRON_TLS_MODE", "NOVACRON_TLS_FOLDER"},
}
"""What the file of values `full` asks for besides."""


def test_workers_are_asked_how_they_are_by_the_same_program(render):
    composed = composed_services()
    for service, module in (("scheduler", "scheduler.probe"), ("worker-cpu", "workers.probe")):
        pod = reading.named(render("full"), "Deployment", ROLES[service])["spec"]["template"]["spec"]
        [container] = pod["containers"]
        if composed:
            assert composed[service]["healthcheck"]["test"] == ["CMD", "python", "-m", module]
        assert container["readinessProbe"]["exec"]["command"] == ["python", "-m", module]
        assert container["livenessProbe"]["exec"]["command"] == ["python", "-m", module, "--live"]


def test_without_tls_of_its_own_the_scheduler_is_asked_over_http(render):
    [container] = reading.named(render("minimal"), "Deployment", "-scheduler")["spec"]["template"]["spec"][
        "containers"
    ]
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}


def test_tracing_is_said_to_whoever_makes_spans(render):
    wanted = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.monitoring:4318",
        "OTEL_EXPORTER_OTLP_HEADERS": {"secretKeyRef": {"name": "collector", "key": "headers"}},
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.05",
    }  # fmt: skip
    for owner, container in processes(render, "full"):
        said = {
            one["name"]: one.get("value") or one["valueFrom"]
            for one in container.get("env", ())
            if one["name"].startswith("OTEL_")
        }
        if container["name"] in ("scheduler", "worker"):
            assert said == wanted, owner
    for owner, container in processes(render, "minimal"):
        assert not [one for one in container.get("env", ()) if one["name"].startswith("OTEL_")], owner
