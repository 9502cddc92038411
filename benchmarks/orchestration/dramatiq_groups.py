"""dramatiq: groups and pipelines, two processes with one thread each."""

from dramatiq import group, pipeline

from benchmarks.orchestration.dramatiq_app import noop
from benchmarks.orchestration.shapes import peer

WORKER = ("dramatiq", "benchmarks.orchestration.dramatiq_app", "-p", "2", "-t", "1")
PATIENCE_MS = 60_000


def fan(width):
    list(group([noop.message() for _ in range(width)]).run().get_results(block=True, timeout=PATIENCE_MS))
    noop.send().get_result(block=True, timeout=PATIENCE_MS)


def chain(hops):
    pipeline([noop.message() for _ in range(hops)]).run().get_result(block=True, timeout=PATIENCE_MS)


if __name__ == "__main__":
    peer(fan, chain, WORKER)
