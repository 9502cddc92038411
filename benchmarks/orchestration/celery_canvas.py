"""Celery canvas: groups, chords and chains, with late acknowledgement as a durable setup requires."""

import celery

from benchmarks.orchestration.celery_app import noop
from benchmarks.orchestration.shapes import peer

WORKER = (
    *("celery", "-A", "benchmarks.orchestration.celery_app", "worker"),
    *("-c", "2", "-l", "ERROR", "--without-gossip", "--without-mingle"),
)


def fan(width):
    celery.chord([noop.s() for _ in range(width)], noop.s()).apply_async().get()


def chain(hops):
    celery.chain(*[noop.si() for _ in range(hops)]).apply_async().get()


if __name__ == "__main__":
    peer(fan, chain, WORKER)
