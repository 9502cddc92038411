"""The Compose files: every queue has a worker, nothing has rights it does not need, each waits for others."""

import importlib.util
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.queues import QUEUES
from shared.settings import unknown
from tests.deploy.test_dockerfile import IMAGES, STAGES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, one in SERVICES.items() if one["image"].startswith("novacron/")]
WORKERS = {one["command"][-1]: name for name, one in SERVICES.items() if "workers" in one.get("command", ())}
PROFILES = {
    "worker-gpu": "gpu", "worker-qpu": "qpu", "worker-ionq": "ionq", "flower": "flower",
    "prometheus": "observe", "grafana": "observe",
}  # fmt: skip
DRAIN_S = 30 + 15

each_service = pytest.mark.parametrize("name", SERVICES)


def seconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+)s", text).group(1))  # type: ignore[union-attr]


def test_every_queue_has_a_worker():
    assert set(WORKERS) == set(QUEUES)
    for queue, name in WORKERS.items():
        assert SERVICES[name]["command"] == ["python", "-m", "workers", "--queue", queue]


def test_what_is_not_everybody_s_is_in_a_profile():
    assert {name: one["profiles"] for name, one in SERVICES.items() if "profiles" in one} == {
        name: [profile] for name, profile in PROFILES.items()
    }


@each_service
def test_nothing_has_more_rights_than_it_needs(name):
    one = SERVICES[name]
    assert (one["read_only"], one["init"], one["cap_drop"]) == (True, False, ["ALL"])
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["user"].startswith("${NOVACRON_UID:?")
    assert "/tmp" in one["tmpfs"]
    assert not one.keys() & {"privileged", "ulimits", "oom_score_adj", "network_mode", "pid", "cap_add"}
    assert one["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}


@each_service
def test_each_is_known_to_be_well_before_another_needs_it(name):
    one = SERVICES[name]
    assert ("test" in one["healthcheck"]) is (name != "migrate")
    for needed, how in one.get("depends_on", {}).items():
        ended = "service_completed_successfully" if needed == "migrate" else "service_healthy"
        assert how == {"condition": ended}
    if name in OURS and name not in ("migrate", "flower"):
        assert set(one["depends_on"]) == {"redis", "migrate"}


@each_service
def test_each_has_time_to_end(name):
    given = seconds(SERVICES[name]["stop_grace_period"])
    assert given > DRAIN_S if name in WORKERS.values() else given >= 10


def test_the_key_encryption_key_is_the_crypto_worker_s_alone():
    having = {name for name, one in SERVICES.items() if "kek" in one.get("secrets", ())}
    told = {name for name, one in SERVICES.items() if "KEK" in str(one.get("environment"))}
    assert having == told == {"worker-crypto"}


def test_no_secret_is_in_an_environment_and_each_has_a_file():
    for name in OURS:
        one = SERVICES[name]
        for variable, value in one["environment"].items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in one["secrets"]
            assert "://" not in (value or ""), variable
    assert {secret for one in SERVICES.values() for secret in one.get("secrets", ())} == set(
        COMPOSE["secrets"]
    )


def test_tracing_is_configured_where_spans_are_made():
    for name, one in SERVICES.items():
        passed = {key for key in one.get("environment", ()) if key.startswith("OTEL_")}
        assert bool(passed) == (name in OURS and name != "flower"), name
        # Without a value: set in the container only where the shell sets them, since empty means unset.
        assert all(one["environment"][key] is None for key in passed)


def test_every_variable_means_something():
    for name in OURS:
        told = {key: "1" for key in SERVICES[name]["environment"]}
        assert not list(unknown(told)), name


def test_images_are_targets_and_run_what_these_run():
    for name in OURS:
        image = re.fullmatch(r"novacron/([\w-]+):\$\{NOVACRON_VERSION:-dev\}", SERVICES[name]["image"])
        assert image is not None and image.group(1) in IMAGES
        if build := SERVICES[name].get("build"):
            more = {"args": {"WORKER": "${NOVACRON_WORKER:-worker}"}} if image.group(1) == "worker" else {}
            assert build == {"context": ".", "target": image.group(1), **more}
            [given] = STAGES[image.group(1)].of("CMD")
            assert yaml.safe_load(given)[:3] == SERVICES[name]["command"][:3]
    assert {one["build"]["target"] for one in SERVICES.values() if "build" in one} == set(IMAGES)


def test_only_who_must_reaches_the_world_outside():
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    outside = {name for name, one in SERVICES.items() if "outer" in one["networks"]}
    assert outside == {"scheduler", "worker-qpu", "worker-ionq", "flower", "grafana"}
    published = [port for one in SERVICES.values() for port in one.get("ports", ())]
    assert all("127.0.0.1:" in port for port in published)
    [scheduler] = SERVICES["scheduler"]["ports"]
    assert scheduler == "${NOVACRON_PUBLISH:-127.0.0.1:8420-8421}:8420", "two schedulers need two ports"


def test_sources_are_mounted_where_images_have_theirs():
    dev = yaml.safe_load((ROOT / "compose.dev.yml").read_text())["services"]
    assert set(dev) <= set(SERVICES)
    for one in dev.values():
        for mount in one["volumes"]:
            here, there, how = mount.split(":")
            assert (ROOT / here).exists() and there == f"/app/{here.removeprefix('./')}" and how == "ro"


SCRAPED = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yaml").read_text())
GRAFANA = ROOT / "deploy" / "grafana" / "provisioning"


def test_prometheus_asks_all_that_show_metrics_with_their_token():
    showing = {
        name: one["environment"]["NOVACRON_METRICS_PORT"]
        for name, one in SERVICES.items()
        if "NOVACRON_METRICS_PORT" in one.get("environment", ())
    }
    assert set(showing) == {"scheduler", *WORKERS.values()}
    [scraped] = SCRAPED["scrape_configs"]
    [found] = scraped["dns_sd_configs"]
    assert set(found["names"]) == set(showing) and {str(found["port"])} == set(showing.values())
    asked_for = scraped["authorization"]["credentials_file"]
    for name in (*showing, "prometheus"):
        assert asked_for.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]
    for name in showing:
        environment = SERVICES[name]["environment"]
        assert environment["NOVACRON_METRICS_TOKEN_FILE"] == asked_for
        assert environment["NOVACRON_HOST"] == "0.0.0.0", "nobody could read its metrics"
        assert not [port for port in SERVICES[name].get("ports", ()) if port.endswith(f":{showing[name]}")]


def mounts(name: str) -> dict[str, tuple[Path, str]]:
    """Folder in a container -> folder of the repository, and how it is mounted."""
    told = (mount.split(":") for mount in SERVICES[name]["volumes"])
    return {there: (ROOT / here, ",".join(how)) for here, there, *how in told}


def test_prometheus_reads_its_configuration_and_rules_and_writes_only_what_it_keeps():
    [configured] = [one for one in SERVICES["prometheus"]["command"] if one.startswith("--config.file=")]
    file = Path(configured.removeprefix("--config.file="))
    folder, how = mounts("prometheus")[str(file.parent)]
    assert how == "ro" and (folder / file.name).is_file()
    assert all((folder / rules).is_file() for rules in SCRAPED["rule_files"])
    assert "--storage.tsdb.path=/prometheus" in SERVICES["prometheus"]["command"]
    kept, how = mounts("prometheus")["/prometheus"]
    assert (kept, how) == (ROOT / "deploy" / "compose" / "prometheus", "")


def test_grafana_is_given_its_source_and_dashboards_as_files():
    assert all(how == "ro" for _, how in mounts("grafana").values())
    assert mounts("grafana")["/etc/grafana/provisioning"][0] == GRAFANA
    [source] = yaml.safe_load((GRAFANA / "datasources" / "novacron.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090" and source["isDefault"]
    assert source["jsonData"]["timeInterval"] == SCRAPED["global"]["scrape_interval"]
    [provider] = yaml.safe_load((GRAFANA / "dashboards" / "novacron.yaml").read_text())["providers"]
    assert list(mounts("grafana")[provider["options"]["path"]][0].glob("*.json"))


def test_images_of_others_are_named_by_a_tag_and_can_be_others():
    for name in SERVICES.keys() - set(OURS):
        image = SERVICES[name]["image"]
        assert re.fullmatch(r"\$\{" + name.upper() + r"_IMAGE:-[\w/]+:v?[\d.]+\}", image), image


def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The script that draws secrets, made to work in another folder."""
    spec = importlib.util.spec_from_file_location("compose_env", ROOT / "scripts" / "compose_env.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "secrets")
    monkeypatch.setattr(module, "HISTORY", tmp_path / "prometheus")
    monkeypatch.setattr(module, "VARIABLES", tmp_path / ".env")
    return module


def test_secrets_are_drawn_once_for_their_owner_alone(monkeypatch, tmp_path):
    script = drawn(monkeypatch, tmp_path)
    script.prepare()
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    for path in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_uid == script.owner()[0]
    assert stat.S_IMODE((tmp_path / "prometheus").stat().st_mode) == 0o700
    assert made["database_password"] in made["database_url"]
    assert made["redis_conf"].split()[1] in made["redis_url"]
    assert "NOVACRON_UID=" in (tmp_path / ".env").read_text()
    script.prepare()
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


def test_flower_takes_the_login_that_is_drawn(monkeypatch, tmp_path):
    from shared.broker.flower import read_login

    drawn(monkeypatch, tmp_path).prepare()
    assert read_login(str(tmp_path / "secrets" / "flower_login")).startswith("novacron:")


def test_flower_does_not_start_without_a_login():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOVACRON_")}
    command = [sys.executable, "-m", "shared.broker.flower"]
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "NOVACRON_FLOWER_LOGIN_FILE: names no file" in done.stderr
