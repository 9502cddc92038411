"""What a worker says of itself in a file, and what a probe makes of it."""

import time

import pytest

from novacron.errors import BadInput, Unavailable
from workers import probe
from workers.runtime import heartbeat


def said(tmp_path, state, ago_s=0.0, monkeypatch=None):
    file = str(tmp_path / "heartbeat")
    if monkeypatch is not None:
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now - ago_s)
    heartbeat.beat(file, state)
    if monkeypatch is not None:
        monkeypatch.undo()
    return file


def test_what_was_said_last_is_read(tmp_path):
    for state in (heartbeat.DRAINING, heartbeat.READY):
        file = said(tmp_path, state)
    seen = heartbeat.last(file)
    assert seen is not None and seen.state == heartbeat.READY and 0 <= seen.age_s < heartbeat.RECORD
    assert (tmp_path / "heartbeat").stat().st_size == heartbeat.RECORD
    assert probe.look(file, live=False) == heartbeat.READY


@pytest.mark.parametrize("state", [heartbeat.DEAF, heartbeat.AWAY, heartbeat.DRAINING])
def test_a_worker_that_takes_no_tasks_is_alive_and_not_ready(tmp_path, state):
    file = said(tmp_path, state)
    assert probe.look(file, live=True) == state
    with pytest.raises(Unavailable, match=f"the worker {state}"):
        probe.look(file, live=False)


@pytest.mark.parametrize(
    ("ago_s", "lives"), [(probe.RECENT_S + 1, True), (probe.HUNG_S + 1, False)], ids=["late", "hung"]
)
def test_silence_is_first_no_readiness_and_then_death(tmp_path, monkeypatch, ago_s, lives):
    file = said(tmp_path, heartbeat.READY, ago_s, monkeypatch)
    with pytest.raises(Unavailable, match="has sent no heartbeat for"):
        probe.look(file, live=False)
    if lives:
        assert probe.look(file, live=True)
    else:
        with pytest.raises(Unavailable, match="has sent no heartbeat for 91 s"):
            probe.look(file, live=True)


def test_before_the_first_word_nothing_is_known(tmp_path):
    for live in (False, True):
        with pytest.raises(Unavailable, match="has sent no heartbeat yet"):
            probe.look(str(tmp_path / "none"), live=live)


def test_another_file_is_named(tmp_path):
    other = tmp_path / "other"
    other.write_text("something else\n")
    for file in (other, tmp_path):
        with pytest.raises(BadInput, match=r"NOVACRON_HEARTBEAT_FILE .*is no heartbeat"):
            probe.look(str(file), live=True)
