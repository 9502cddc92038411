"""What children count arrives at the parent, and as one."""

from collections.abc import Iterator

import pytest

from shared.metrics.tally import TALLY, Tally
from testing.patience import eventually
from workers.runtime import telling
from workers.runtime.telling import Channel

NAME = "novacron_retries_total"


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tally]:
    """The tally of a parent, beside that of this process, which plays the child."""
    TALLY.begin()
    yield Tally()
    TALLY.begin()
    TALLY.on = False


def test_what_two_children_told_is_one_series(parent, monkeypatch):
    channel = Channel()
    for _ in range(2):
        TALLY.add(NAME, 1.0, "crypto", "transient")
        channel.tell()
    assert TALLY.shown() == {}
    monkeypatch.setattr(telling, "TALLY", parent)
    channel.hear()
    eventually(lambda: parent.shown() == {NAME: {("crypto", "transient"): 2.0}})


def test_what_does_not_go_through_is_told_later(parent, monkeypatch):
    channel = Channel()
    channel._speaks.setblocking(False)
    for _ in range(5000):  # nobody listens: sooner or later there is no room
        TALLY.add(NAME, 1.0, "crypto", "transient")
        channel.tell()
    kept = TALLY.shown()[NAME]["crypto", "transient"]
    assert isinstance(kept, float) and kept > 0
    monkeypatch.setattr(telling, "TALLY", parent)
    channel.hear()
    eventually(lambda: parent.shown().get(NAME, {}).get(("crypto", "transient")) == 5000 - kept)
    monkeypatch.setattr(telling, "TALLY", TALLY)
