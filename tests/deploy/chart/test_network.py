"""The network policies, read as a cluster reads them: a flow passes where both ends let it."""

import ipaddress

import pytest

from testing.chart import reading

WORLD = "93.184.216.34"
PROVIDER = "203.0.113.7"


class Cluster:
    """Pods of a release and the policies that hold for them."""

    def __init__(self, documents):
        self.pods = {owner: pod["metadata"]["labels"] for owner, pod in reading.pods(documents)}
        self.policies = [one["spec"] for one in reading.of_kind(documents, "NetworkPolicy")]

    def labels(self, ending):
        [found] = [labels for owner, labels in self.pods.items() if owner.endswith(ending)]
        return found

    def _rules(self, labels, direction):
        for policy in self.policies:
            if (
                reading.chosen_by(policy["podSelector"], labels)
                and direction.title() in policy["policyTypes"]
            ):
                yield from policy.get(direction, ())

    def lets(self, direction, ending, port, peer):
        """Whether its policies let a flow pass; a peer is labels, an address or a namespace as `ns/NAME`."""
        labels = self.labels(ending)
        assert any(
            reading.chosen_by(one["podSelector"], labels) and direction.title() in one["policyTypes"]
            for one in self.policies
        ), "no policy holds for the pod: everything passes"
        side = {"egress": "to", "ingress": "from"}[direction]
        return any(
            port in [one["port"] for one in rule.get("ports", [{"port": port}])]
            and (side not in rule or any(_is(peer, one) for one in rule[side]))
            for rule in self._rules(labels, direction)
        )


def _is(peer, described):
    if "ipBlock" in described:
        return isinstance(peer, str) and "/" not in peer and (
            ipaddress.ip_address(peer) in ipaddress.ip_network(described["ipBlock"]["cidr"])
        )  # fmt: skip
    if "namespaceSelector" in described:
        wanted = described["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        return peer == f"ns/{wanted}"
    return isinstance(peer, dict) and reading.chosen_by(described["podSelector"], peer)


@pytest.fixture
def full(render):
    return Cluster(render("full"))


@pytest.fixture
def trial(render):
    return Cluster(render("trial"))


def test_every_pod_is_closed_in_both_directions(render):
    for name in ("full", "trial", "minimal", "qpu-only"):
        cluster = Cluster(render(name))
        for owner in cluster.pods:
            for direction, peer in (("egress", WORLD), ("ingress", "ns/elsewhere")):
                assert not cluster.lets(direction, owner, 9999, peer), owner


def test_the_provider_is_reached_from_its_pool_alone(full):
    reaching = {owner for owner in full.pods if full.lets("egress", owner, 443, PROVIDER)}
    # The test deletes a pod, for which it asks the API server of the cluster, wherever that is.
    assert reaching == {"one-novacron-worker-qpu", "one-novacron-test"}
    assert not full.lets("egress", "-worker-qpu", 443, WORLD)
    assert full.lets("egress", "-worker-crypto", 22, "10.1.2.3")
    assert not full.lets("egress", "-worker-cpu", 22, "10.1.2.3")


def test_a_release_without_the_test_of_deletion_reaches_the_world_nowhere(render):
    cluster = Cluster(render("minimal"))
    assert not [owner for owner in cluster.pods if cluster.lets("egress", owner, 443, WORLD)]


def test_the_flows_that_are_needed_pass(trial):
    postgres, redis, scheduler = (trial.labels(end) for end in ("-postgres", "-redis", "-scheduler"))
    for owner in trial.pods:
        assert trial.lets("egress", owner, 53, "ns/kube-system"), owner
        component = trial.pods[owner]["app.kubernetes.io/component"]
        needs_database = component in ("scheduler", "worker", "migrate")
        needs_broker = component in ("scheduler", "worker", "flower")
        assert trial.lets("egress", owner, 5432, postgres) == needs_database, owner
        assert trial.lets("egress", owner, 6379, redis) == needs_broker, owner
    assert trial.lets("ingress", "-postgres", 5432, scheduler)
    assert trial.lets("ingress", "-redis", 6379, trial.labels("-worker-cpu"))
    assert not trial.lets("ingress", "-postgres", 5432, "ns/elsewhere")
    assert trial.lets("egress", "-test", 8420, scheduler)
    assert trial.lets("ingress", "-scheduler", 8420, trial.labels("-test"))


def test_metrics_are_for_monitoring_and_the_api_is_for_clients(full, render):
    for owner in ("-scheduler", "-worker-cpu"):
        assert full.lets("ingress", owner, 9464, "ns/monitoring")
        assert not full.lets("ingress", owner, 9464, "ns/elsewhere")
    assert full.lets("ingress", "-scheduler", 8420, "ns/elsewhere")
    assert full.lets("ingress", "-flower", 5555, "ns/monitoring")
    assert not full.lets("ingress", "-flower", 5555, "ns/elsewhere")
    narrow = Cluster(render("external"))
    assert narrow.lets("ingress", "-scheduler", 8420, "ns/gateways")
    assert narrow.lets("ingress", "-scheduler", 8420, narrow.labels("-test"))
    assert not narrow.lets("ingress", "-scheduler", 8420, "ns/elsewhere")


def test_the_collector_is_reached_where_jobs_are_traced(full, render):
    for owner in full.pods:
        component = full.pods[owner]["app.kubernetes.io/component"]
        reaching = full.lets("egress", owner, 4318, "ns/monitoring")
        assert reaching == (component in ("scheduler", "worker")), owner
        assert not full.lets("egress", owner, 4318, WORLD), owner
    untraced = Cluster(render("minimal"))
    assert not any(untraced.lets("egress", owner, 4318, WORLD) for owner in untraced.pods)


def test_servers_outside_are_reached_at_their_address_alone(render):
    cluster = Cluster(render("external"))
    for owner in ("-scheduler", "-worker-cpu", "-worker-crypto"):
        assert cluster.lets("egress", owner, 6432, "198.51.100.7")
        assert not cluster.lets("egress", owner, 6432, WORLD)
        assert cluster.lets("egress", owner, 6380, "198.51.100.8")
    assert cluster.lets("egress", "-worker-crypto", 8200, "198.51.100.9")
    assert not cluster.lets("egress", "-worker-cpu", 8200, "198.51.100.9")


def test_by_name_where_the_network_knows_names(render):
    [policy] = reading.of_kind(render("qpu-only"), "CiliumNetworkPolicy")
    selector = policy["spec"]["endpointSelector"]
    chosen = [
        owner
        for owner, pod in reading.pods(render("qpu-only"))
        if reading.chosen_by(selector, pod["metadata"]["labels"])
    ]
    assert chosen == ["one-novacron-worker-ibm"]
    [_, names] = policy["spec"]["egress"]
    assert names["toFQDNs"] == [
        {"matchName": "quantum.cloud.ibm.com"},
        {"matchPattern": "*.quantum-computing.cloud.ibm.com"},
    ]
