"""Lines of jobs put aside to be kept: which ones, how much of them, what a database that is away costs."""

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from shared import ring
from shared.db import session
from shared.ring import MOST_WAITING, NAMED, Ring
from shared.telemetry import logger
from testing.patience import eventually

LOG = "novacron.tests.ring"


class Away:
    """Opens connections to a server that is not there."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> session.Connection:
        self.asked += 1
        return session.connect("postgresql://novacron@127.0.0.1:1/novacron", name="tests")

    def beyond(self, times: int) -> bool:
        """Whether it was asked more often."""
        return self.asked > times


@pytest.fixture
def away() -> Away:
    return Away()


@pytest.fixture
def attached(away: Away, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], Ring]]:
    """Attaches a ring to the tests' logger until the end of the test."""
    made: list[Ring] = []
    plain = logging.getLogger(LOG)
    caplog.set_level(logging.INFO, LOG)

    def attach() -> Ring:
        made.append(Ring(away))
        plain.addHandler(made[-1])
        return made[-1]

    yield attach
    for one in made:
        plain.removeHandler(one)
        one.close()


@pytest.fixture
def kept(attached: Callable[[], Ring], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What a ring puts aside, as it is written."""
    found: list[tuple[str, dict[str, Any]]] = []

    def keep(_: Ring) -> None:
        while ours._waiting:
            job, body = ours._waiting.popleft()
            assert body.isascii() and "\\u0000" not in body
            found.append((job, json.loads(body)))

    monkeypatch.setattr(Ring, "_write", keep)
    ours = attached()
    return found


def test_lines_about_a_job_are_kept_and_others_are_not(kept: list[tuple[str, dict[str, Any]]]) -> None:
    log = logger(LOG)
    log.info("leader_gained")
    log.info("planned", job="j1", tenant_id=3, queue="cpu-sim", granularity="fused")
    log.debug("unheard", job="j1")
    with bound_contextvars(job="j2", task=7, attempt=2, worker="host:1/7", tenant_id=3):
        logging.getLogger(LOG).warning("it took %d ms", 3)
    eventually(lambda: len(kept) == 2)
    (one, planned), (two, said) = kept
    assert (one, planned["event"], planned["queue"], planned["facts"]) == (
        "j1", "planned", "cpu-sim", {"granularity": "fused"},
    )  # fmt: skip
    assert (two, said["event"], said["level"], said["logger"]) == ("j2", "it took 3 ms", "warning", LOG)
    assert (said["task"], said["attempt"], said["worker"], said["facts"]) == (7, 2, "host:1/7", {})
    assert set(planned) == set(said) == {*NAMED, "facts"}


def test_lines_are_bounded_and_can_be_stored(
    kept: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytest could not send to another process what it captures of them.
    monkeypatch.setattr(logging.getLogger(LOG), "propagate", False)
    log, long = logger(LOG), "\x00\ud800x" * 10_000
    facts = {f"fact_{number}": long for number in range(100)}
    with bound_contextvars(job="j1"):
        logging.getLogger(LOG).warning(long)
        try:
            raise RuntimeError(long + " the cause")
        except RuntimeError as error:
            log.warning("failed", exc_info=error, worker=long, **facts)
    eventually(lambda: len(kept) == 2)
    assert all(len(json.dumps(body)) < 64 * 1024 for _, body in kept)
    assert kept[1][1]["exception"].endswith("the cause") and len(kept[1][1]["facts"]) == ring.MOST_FACTS


def test_secrets_are_not_kept(kept: list[tuple[str, dict[str, Any]]]) -> None:
    with bound_contextvars(job="j1", private_key="hunter2"):
        logger(LOG).info("asked", password="hunter2", url="redis://:hunter2@127.0.0.1:1/0")
        try:
            raise ZeroDivisionError("postgresql://ada:hunter2@db:5432/novacron is away")
        except ZeroDivisionError as error:
            logger(LOG).warning("failed", exc_info=error)
        # Cut after it is masked: a part of a key is not known as one.
        key = "-----BEGIN PRIVATE KEY-----\n" + "hunter2" * 2000 + "\n-----END PRIVATE KEY-----"
        logging.getLogger(LOG).warning("%s", key)
    eventually(lambda: len(kept) == 3)
    assert "hunter2" not in str(kept) and str(kept).count("***") >= 4


def test_who_logs_nothing_about_jobs_opens_no_connection(away: Away, attached: Callable[[], Ring]) -> None:
    one = attached()
    logging.getLogger(LOG).warning("nobody's")
    one.flush()
    assert away.asked == 0


def test_a_database_that_is_away_loses_lines_and_is_told_of_once(
    away: Away,
    attached: Callable[[], Ring],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ring, "AWAY_S", 0.01)
    attached()
    for number in range(3):
        logger(LOG).info("planned", job=f"j{number}")
        eventually(partial(away.beyond, number))
    told = [one for one in caplog.messages if "log lines of jobs are not kept" in one]
    assert len(told) == 1 and "127.0.0.1" in told[0]


def test_what_waits_is_bounded(attached: Callable[[], Ring], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ring, "_write", lambda _: None)
    one = attached()
    for number in range(MOST_WAITING + 10):
        logger(LOG).info("planned", job=f"j{number}")
    assert len(one._waiting) == MOST_WAITING and one._waiting[0][0] == "j10"


def test_a_line_that_cannot_be_read_harms_nobody(
    attached: Callable[[], Ring], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = attached()
    monkeypatch.setattr(logging, "raiseExceptions", False)
    with bound_contextvars(job="j1"):
        one.emit(logging.LogRecord(LOG, logging.INFO, "", 0, "%d", ("no number",), None))
    assert not one._waiting
