"""What the rendered objects mean: who selects whom, who sees which secret, what a pod may do."""

import json
import re
import subprocess
import sys
from itertools import combinations

import pytest
import yaml

from testing.chart import reading, rendering
from testing.chart.matrix import files
from testing.chart.tools import ROOT
from testing.dashboards import pages

FILES = [file.stem for file in files()]
GPU = re.compile(r"nvidia|runtimeClassName")
DRAIN_S = 45
SECRET = re.compile(r"(?i)(password|token|secret|api[-_]?key)")
each_file = pytest.mark.parametrize("name", FILES)


@each_file
def test_every_selector_takes_exactly_its_own_pods(render, name):
    found = render(name)
    pods = {owner: pod["metadata"]["labels"] for owner, pod in reading.pods(found)}
    for one in reading.of_kind(found, "Deployment", "StatefulSet", "PodDisruptionBudget"):
        chosen = [
            owner for owner, labels in pods.items() if reading.chosen_by(one["spec"]["selector"], labels)
        ]
        assert chosen == [one["metadata"]["name"]]
    for one in reading.of_kind(found, "Service"):
        chosen = [
            owner for owner, labels in pods.items() if one["spec"]["selector"].items() <= labels.items()
        ]
        assert chosen == [one["metadata"]["name"].removesuffix("-metrics")]


@each_file
def test_no_two_objects_have_one_name(render, name):
    found = [(one["kind"], one["metadata"]["name"]) for one in render(name)]
    assert len(set(found)) == len(found)
    assert all(len(called) <= 63 for _, called in found)


@each_file
def test_pods_are_as_restricted_as_pod_security_wants(render, name):
    for owner, pod in reading.pods(render(name)):
        spec, security = pod["spec"], pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True, owner
        assert security.get("runAsUser") != 0, owner
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, owner
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), owner
        kinds = {next(key for key in volume if key != "name") for volume in spec["volumes"]}
        assert kinds <= {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}, owner
        for container in reading.containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, owner
            assert not any("hostPort" in port for port in container.get("ports", ()))


@each_file
def test_pods_are_told_of_no_services_and_have_no_token(render, name):
    """But for the one that deletes a worker, where that is asked for."""
    for owner, pod in reading.pods(render(name)):
        assert pod["spec"]["enableServiceLinks"] is False, owner
        deletes = name == "full" and owner.endswith("-test")
        assert pod["spec"]["automountServiceAccountToken"] is deletes, owner


@each_file
def test_every_container_asks_for_memory_and_is_limited(render, name):
    for owner, pod in reading.pods(render(name)):
        for container in reading.containers(pod):
            resources = container["resources"]
            assert "memory" in resources["limits"], owner
            assert resources["requests"], owner
            amounts = [*resources["limits"].values(), *resources["requests"].values()]
            assert all(isinstance(amount, str) for amount in amounts), "Helm 4 refuses numbers"


@each_file
def test_only_workers_of_the_queue_crypto_know_of_a_key_encryption_key(render, name):
    for owner, pod in reading.pods(render(name)):
        queue = pod["metadata"]["labels"].get("novacron.io/queue")
        assert ("kek" in repr(pod["spec"]).lower()) == (queue == "crypto" and name != "gpu"), owner


def test_the_key_is_its_owners_alone_and_cannot_be_changed_where_it_is_used(render):
    """A worker that changed the copy would lose the new key with its pod."""
    for name, file in (("minimal", "kek"), ("external", "kek-token")):
        [(_, pod)] = [one for one in reading.pods(render(name)) if one[0].endswith("worker-crypto")]
        [copies] = [one for one in pod["spec"]["initContainers"] if one["name"] == "kek"]
        assert "umask(0o077)" in copies["command"][-1]
        [worker] = pod["spec"]["containers"]
        [mount] = [one for one in worker["volumeMounts"] if one["name"] == "kek"]
        assert mount == {"name": "kek", "mountPath": "/run/secrets/kek", "readOnly": True}
        assert f"/run/secrets/kek/{file}" in reading.environment(worker).values()


@each_file
def test_no_secret_stands_in_a_plain_value(render, name):
    for one in render(name):
        if name != "trial":
            assert one["kind"] != "Secret"
    for owner, pod in reading.pods(render(name)):
        for container in reading.containers(pod):
            for variable, value in reading.environment(container).items():
                if SECRET.search(variable) and isinstance(value, str):
                    assert value.startswith("/run/secrets/"), (owner, variable)
                assert not isinstance(value, str) or "@" not in value, (owner, variable)


def test_a_url_of_the_trial_stands_in_its_secret_alone(render):
    [secret] = reading.of_kind(render("trial"), "Secret")
    password = secret["stringData"]["postgres-password"]
    assert len(password) == 40
    assert password in secret["stringData"]["database"]
    assert not [one for one in render("trial") if one is not secret and password in repr(one)]


@pytest.mark.parametrize("name", ["gpu", "full", "minimal"])
def test_a_pool_without_devices_has_nothing_of_them(render, name):
    for owner, pod in reading.pods(render(name)):
        queue, pool = (pod["metadata"]["labels"].get(f"novacron.io/{key}") for key in ("queue", "pool"))
        on_a_device = queue == "gpu-sim" and pool != "none"
        assert bool(GPU.search(repr(pod["spec"]))) == on_a_device, owner


def test_a_pool_on_devices_asks_for_its_resource_and_waits_for_no_spare_one(render):
    for pool, resource, count in (
        ("whole", "nvidia.com/gpu", "1"),
        ("mig", "nvidia.com/mig-1g.10gb", "1"),
        ("shared", "nvidia.com/gpu.shared", "2"),
    ):
        deployment = reading.named(render("gpu"), "Deployment", f"worker-{pool}")
        spec = deployment["spec"]["template"]["spec"]
        assert spec["containers"][0]["resources"]["limits"][resource] == count
        assert {"key": resource, "operator": "Exists", "effect": "NoSchedule"} in spec["tolerations"]
        assert {"key": "batch", "operator": "Exists"} in spec["tolerations"]
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


@each_file
def test_a_worker_has_time_to_give_its_tasks_back(render, name):
    for owner, pod in reading.pods(render(name)):
        if pod["metadata"]["labels"].get("app.kubernetes.io/component") == "worker":
            assert pod["spec"]["terminationGracePeriodSeconds"] > DRAIN_S, owner
            assert pod["spec"]["containers"][0]["command"][0] == "python", "a shell would keep the signal"


def test_a_pool_inherits_key_by_key_and_replaces_lists(render):
    big = reading.named(render("two-pools"), "Deployment", "worker-big")["spec"]
    small = reading.named(render("two-pools"), "Deployment", "worker-cpu")["spec"]
    resources = [one["template"]["spec"]["containers"][0]["resources"] for one in (big, small)]
    assert resources[0] == {"requests": {"cpu": "16", "memory": "1Gi"}, "limits": {"memory": "64Gi"}}
    assert resources[1] == {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
    assert "replicas" not in big, "an upgrade would take it back from the autoscaler"


def test_pools_of_one_queue_share_its_work_by_their_slots(render):
    found = reading.of_kind(render("two-pools"), "ScaledObject")
    queries = {one["metadata"]["name"]: one["spec"]["triggers"][0]["metadata"]["query"] for one in found}
    # 4 pods of 2 slots beside 2 of 16.
    assert "* 0.2000 / 2)" in queries["one-novacron-worker-cpu"]
    assert "* 0.8000 / 16)" in queries["one-novacron-worker-big"]


def test_no_autoscaler_looks_at_a_list_in_redis(render):
    for name in ("keda", "hpa", "two-pools"):
        scalers = reading.of_kind(render(name), "ScaledObject", "HorizontalPodAutoscaler")
        assert scalers
        assert "redis" not in repr(scalers).lower()
        for one in scalers:
            target = one["spec"]["scaleTargetRef"]["name"]
            assert reading.named(render(name), "Deployment", target)


def test_a_queue_that_scales_to_nothing_is_not_waited_for(render):
    wanted = {"keda": "crypto", "minimal": "cpu-sim,crypto", "qpu-only": "qpu-ibm"}
    for name, queues in wanted.items():
        scheduler = reading.named(render(name), "Deployment", "-scheduler")
        [container] = scheduler["spec"]["template"]["spec"]["containers"]
        assert reading.environment(container)["NOVACRON_QUEUES"] == queues


def test_two_releases_share_no_key_no_name_and_no_pod(render):
    first, second = render("minimal"), render("minimal", release="two")
    prefixes = {
        reading.environment(container).get("NOVACRON_KEY_PREFIX")
        for found in (first, second)
        for _, pod in reading.pods(found)
        for container in pod["spec"]["containers"]
    } - {None}
    assert prefixes == {"quantum.one:", "quantum.two:"}
    names = [{(one["kind"], one["metadata"]["name"]) for one in found} for found in (first, second)]
    assert not names[0] & names[1]
    labels = [pod["metadata"]["labels"] for _, pod in reading.pods(second)]
    for one in reading.of_kind(first, "Deployment", "PodDisruptionBudget"):
        assert not [found for found in labels if reading.chosen_by(one["spec"]["selector"], found)]


def test_the_migration_is_named_by_version_and_values_and_is_no_hook(render):
    names = {
        reading.of_kind(render("minimal", *sets), "Job")[0]["metadata"]["name"]
        for sets in ((), ("images.scheduler.tag=two",), ("migrations.resources.limits.memory=1Gi",))
    }
    assert len(names) == 3
    assert all(name.startswith("one-novacron-migrate-0-1-0-") for name in names)
    assert "helm.sh/hook" not in repr(reading.of_kind(render("minimal"), "Job"))
    assert not reading.of_kind(render("external"), "Job")


def test_whatever_reads_the_database_waits_for_its_schema(render):
    for owner, pod in reading.pods(render("full")):
        if pod["metadata"]["labels"]["app.kubernetes.io/component"] in ("scheduler", "worker"):
            first = pod["spec"]["initContainers"][0]
            assert first["command"] == ["python", "-m", "shared.db.migrate", "--wait", "600"], owner


def test_streams_are_not_held_back(render):
    nginx, traefik, contour = (
        reading.named(render(name), "Ingress", "")["metadata"].get("annotations", {})
        for name in ("full", "gateway", "secrets")
    )
    prefix = "nginx.ingress.kubernetes.io"
    assert nginx[f"{prefix}/proxy-buffering"] == nginx[f"{prefix}/proxy-request-buffering"] == "off"
    assert int(nginx[f"{prefix}/proxy-read-timeout"]) > 60
    assert nginx[f"{prefix}/backend-protocol"] == "HTTPS", "the scheduler serves TLS there"
    assert "middlewares" not in repr(traefik), "Traefik holds back only where a middleware says so"
    assert contour["projectcontour.io/response-timeout"] == "infinity"
    [rule] = reading.named(render("gateway"), "HTTPRoute", "")["spec"]["rules"]
    assert rule["timeouts"] == {"request": "0s", "backendRequest": "0s"}


def test_names_fit_however_long_the_release_is_called(render):
    for one in render("full", release="r" * 53):
        assert len(one["metadata"]["name"]) <= 63, one["metadata"]["name"]


def test_a_change_of_the_configuration_starts_pods_anew(render):
    plain = render("full")
    other = render("full", "backends[0].max_qubits=30,backends[0].name=a,backends[0].type=simulator")
    for owner, changes in (("-scheduler", True), ("-worker-cpu", True), ("-flower", False)):
        annotations = [
            reading.named(found, "Deployment", owner)["spec"]["template"]["metadata"].get("annotations")
            for found in (plain, other)
        ]
        assert (annotations[0] != annotations[1]) == changes


def test_grafana_finds_every_dashboard_as_it_is_in_the_repository(render):
    found = [
        one
        for one in reading.of_kind(render("full"), "ConfigMap")
        if one["metadata"].get("labels", {}).get("grafana_dashboard") == "1"
    ]
    carried = {name: text for one in found for name, text in one["data"].items()}
    files = {file.name: json.loads(file.read_text()) for file in pages.FOLDER.glob("*.json")}
    assert len(found) == len(files) > 1
    assert {name: json.loads(text) for name, text in carried.items()} == files


def test_the_operator_is_given_every_rule(render):
    [rules] = reading.of_kind(render("full"), "PrometheusRule")
    there = yaml.safe_load((ROOT / "deploy" / "prometheus" / "novacron.rules.yaml").read_text())
    assert rules["spec"] == there


def test_no_two_files_of_values_make_the_same(render):
    whole = {
        name: rendering.documents(rendering.render("4", [file]))
        for name, file in zip(FILES, files(), strict=True)
    }
    assert not [pair for pair in combinations(whole, 2) if whole[pair[0]] == whole[pair[1]]]


def test_the_copy_of_a_secret_is_closed_and_whole(render, tmp_path):
    """As the kubelet lays out a Secret: files are links through a folder that it swaps."""
    given, own = tmp_path / "given", tmp_path / "own"
    (given / "..2026").mkdir(parents=True)
    own.mkdir()
    (given / "..2026" / "kek").write_text("the key")
    (given / "..data").symlink_to("..2026")
    (given / "kek").symlink_to("..data/kek")
    [(_, pod)] = [one for one in reading.pods(render("minimal")) if one[0].endswith("worker-crypto")]
    [copies] = [one for one in pod["spec"]["initContainers"] if one["name"] == "kek"]
    program, flag, script = copies["command"]
    assert (program, flag) == ("python", "-c")
    script = script.replace("/given", str(given)).replace("/own", str(own))
    subprocess.run([sys.executable, "-c", script], check=True)
    [file] = own.iterdir()
    assert (file.name, file.read_text(), file.stat().st_mode & 0o777) == ("kek", "the key", 0o600)
