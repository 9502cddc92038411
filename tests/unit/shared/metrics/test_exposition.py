"""The page of metrics, and who may read it."""

import http.client
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from novacron.errors import BadInput
from scheduler.embedded import ports
from shared.metrics import access
from shared.metrics.exposition import Endpoint, text, together
from shared.metrics.tally import TALLY, Tally
from shared.settings import Settings


@pytest.fixture(autouse=True)
def counted() -> Iterator[None]:
    TALLY.begin()
    yield
    TALLY.begin()
    TALLY.on = False


def read(port: int, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def samples(page: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_the_page_is_read_by_prometheus_own_parser_as_it_was_counted():
    tally = Tally()
    tally.on = True
    tally.add("novacron_jobs_total", 3.0, "hybrid_vqe", "failed")
    tally.observe("novacron_submit_seconds", 0.003)
    tally.observe("novacron_submit_seconds", 60.0)
    tally.observe("quantum_fidelity_average", 0.5, "gpu")
    tally.observe("quantum_fidelity_average", 1.0, "gpu")
    found = samples(text(tally))
    assert found["novacron_jobs_total", (("kind", "hybrid_vqe"), ("status", "failed"))] == 3.0
    assert found["quantum_fidelity_average", (("backend", "gpu"),)] == 0.75
    assert found["novacron_submit_seconds_bucket", (("le", "0.0025"),)] == 0.0
    assert found["novacron_submit_seconds_bucket", (("le", "0.005"),)] == 1.0
    assert found["novacron_submit_seconds_bucket", (("le", "+Inf"),)] == 2.0
    assert found["novacron_submit_seconds_count", ()] == 2.0
    assert found["novacron_submit_seconds_sum", ()] == pytest.approx(60.003)


def test_pages_together_have_each_family_once_and_all_series():
    pages = []
    for queue in ("cpu-sim", "crypto"):
        tally = Tally()
        tally.on = True
        tally.observe("novacron_claim_seconds", 0.003, queue)
        tally.add("novacron_retries_total", 1.0, queue, "transient")
        pages.append(text(tally))
    one = together(pages)
    assert samples(one) == samples(pages[0]) | samples(pages[1])
    assert one.count("# TYPE novacron_claim_seconds ") == one.count("# HELP novacron_claim_seconds ") == 1


def test_only_who_has_the_token_reads():
    port = ports.choose()
    Endpoint("127.0.0.1", port, token="only this").start()
    TALLY.add("novacron_lease_rescues_total", 2.0)
    assert read(port)[0] == read(port, Authorization="Bearer only that")[0] == 401
    status, page = read(port, Authorization="Bearer only this")
    assert status == 200 and "novacron_lease_rescues_total 2.0" in page
    assert read(port, "/", Authorization="Bearer only this")[0] == 404


def test_what_is_beside_is_shown_with_it_and_what_is_gone_harms_nothing():
    port, gone = ports.choose(), ports.choose()
    TALLY.add("novacron_lease_rescues_total", 2.0)
    Endpoint("127.0.0.1", port, beside=[gone]).start()
    assert read(port) == (200, text())


def test_a_port_in_use_is_refused_with_what_to_do():
    port = ports.choose()
    with access.listening("127.0.0.1", port):
        with pytest.raises(BadInput) as refused:
            access.check(Settings(metrics_port=port))
    assert f"NOVACRON_METRICS_PORT = {port}" in str(refused.value) and "choose a free port" in str(
        refused.value
    )
    access.check(Settings(metrics_port=port))
    access.check(Settings())
