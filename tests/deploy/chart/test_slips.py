"""What is wrong in values is refused, and the message says what to do."""

import pytest

from testing.chart import rendering, schema
from testing.chart.tools import VALUES

MINIMAL = VALUES / "minimal.yaml"
SLIPS = schema.slips()
REFUSED = {
    "workerPools.cpu.replicaz=1": "additional properties 'replicaz' not allowed",
    "schedulr.replicas=3": "additional properties 'schedulr' not allowed",
    "settings.lease=3": "additional properties 'lease' not allowed",
    "workerPools.cpu.queue=fast": "must be one of 'gpu-sim', 'cpu-sim', 'qpu-ibm', 'qpu-ionq', 'crypto'",
    "workerPools.CPU.queue=cpu-sim": "does not match pattern",
    "scheduler.replicas=two": "got string, want integer",
    "metrics.port=70000": "maximum",
    "workerPools.more.replicas=2": "workerPools.more has no queue: a pool serves one queue",
    "workerPools.cpu.terminationGracePeriodSeconds=45": "must be above 45",
    "workerPools.cpu.autoscaling.kind=hpa,workerPools.cpu.autoscaling.min=0": "only autoscaling.kind keda",
    "workerPools.cpu.autoscaling.kind=keda,workerPools.cpu.autoscaling.min=9": "above its max of 8",
    "workerDefaults.autoscaling.kind=keda,workerDefaults.autoscaling.source=prometheus": "prometheusAddress",
    "workerPools.cpu.egress.fqdns={api.example.org}": "needs networkPolicy.fqdn cilium",
    "workerPools.cpu.extraEnv.NOVACRON_KEK=x": "set by the chart in pools of the queue crypto alone",
    "backends[0].name=ibm,backends[0].api_token=plain": "api_token of the backend ibm is not ${NAME}",
    "database.existingSecret=": "kubectl create secret generic NAME --from-literal=url=",
    "redis.existingSecret=": "redis.existingSecret names no Secret",
    "adminToken.existingSecret=": "adminToken.existingSecret names no Secret",
    "kek.existingSecret=": "kek.existingSecret or kek.url",
    "kek.url=https://vault": "both set: leave out one",
    "kek.existingSecret=,kek.url=https://vault": "needs kek.token.existingSecret",
    "tls.mode=hybrid": "tls.mode hybrid needs tls.existingSecrets",
    "flower.enabled=true": "needs flower.existingSecret",
    "scheduler.requiredQueues={gpu-sim}": "the queue gpu-sim, which no pool",
    "metrics.port=8420": "metrics.port and scheduler.port are both 8420",
    "trial.enabled=true,trial.postgres.replicas=2": "one server without replication",
    "metrics.enabled=false,metrics.podMonitor.enabled=true": "needs metrics.enabled",
    "ingress.enabled=true": "needs ingress.host",
    "httpRoute.enabled=true": "needs httpRoute.parentRefs",
}


def refusal(*sets: str, major: str = "4") -> str:
    with pytest.raises(rendering.Refused) as refused:
        rendering.render(major, [MINIMAL], sets=sets)
    return str(refused.value)


@pytest.mark.parametrize("path", SLIPS)
def test_a_common_slip_is_answered_with_the_right_key(path):
    said = refusal(f"{path.replace('*', 'cpu')}=1")
    assert f"there is no key {path.replace('*', 'cpu')}: it is {SLIPS[path]}" in said


def test_the_common_slips_are_enough():
    assert len(SLIPS) >= 20


@pytest.mark.parametrize("sets", REFUSED)
def test_what_cannot_be_is_refused_with_a_reason(sets):
    assert REFUSED[sets] in refusal(sets)


def test_the_older_helm_says_the_same():
    for sets in ("workers.a=1", "workerPools.cpu.queue=fast", "kek.url=https://vault"):
        assert refusal(sets, major="3").splitlines() == refusal(sets, major="4").splitlines()
