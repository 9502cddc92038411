"""The batch processor: nobody waits for it, and what it cannot export is counted."""

import threading
from collections.abc import Sequence
from functools import partial

import pytest

from shared.traces import batches
from shared.traces.batches import Batches
from shared.traces.collector import Refused
from testing.patience import PATIENCE_S, eventually


def span(name: str) -> bytes:
    return name.encode()


class Sink:
    """Keeps batches; raises what stands in `faults` before that, and blocks while it is closed."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.batches: list[list[str]] = []
        self.entered = threading.Event()
        self.open = threading.Event()
        self.open.set()

    def __call__(self, spans: Sequence[bytes]) -> None:
        self.entered.set()
        self.open.wait(PATIENCE_S)
        if self.faults:
            raise self.faults.pop(0)
        self.batches.append([one.decode() for one in spans])

    def has_faults(self, n: int) -> bool:
        return len(self.faults) == n

    @property
    def names(self) -> list[str]:
        return [name for batch in self.batches for name in batch]


def processor(sink: Sink, *, queue_size: int = 100, batch_size: int = 10, delay_s: float = 0.01) -> Batches:
    return Batches(sink, queue_size=queue_size, batch_size=batch_size, delay_s=delay_s)


def test_spans_are_exported_in_order_in_batches_of_limited_size():
    sink = Sink()
    made = processor(sink, batch_size=2)
    for n in range(5):
        made.add(span(str(n)))
    made.start()
    eventually(lambda: len(sink.names) == 5)
    made.stop()
    assert sink.batches == [["0", "1"], ["2", "3"], ["4"]]


def test_a_full_batch_is_exported_before_the_delay_is_over():
    sink = Sink()
    made = processor(sink, batch_size=2, delay_s=10 * PATIENCE_S)
    made.start()
    for n in range(2):
        made.add(span(str(n)))
    eventually(lambda: sink.batches)
    made.add(span("last"))
    made.stop()
    assert sink.batches == [["0", "1"], ["last"]]


def test_deferred_spans_are_built_where_they_are_exported():
    sink, threads = Sink(), []
    made = processor(sink)

    def build() -> list[bytes]:
        threads.append(threading.current_thread().name)
        return [span("built"), span("too")]

    made.add(build)
    made.start()
    made.stop()
    assert (sink.names, threads) == (["built", "too"], ["traces"])


def test_what_comes_while_the_queue_is_full_is_dropped_and_counted(caplog: pytest.LogCaptureFixture):
    sink = Sink()
    made = processor(sink, queue_size=3)
    for n in range(8):
        made.add(span(str(n)))
    made.start()
    made.stop()
    assert sink.names == ["0", "1", "2"]
    assert 'spans_dropped spans=5 cause="the queue was full"' in caplog.text


def test_of_several_those_are_dropped_that_find_no_room(caplog: pytest.LogCaptureFixture):
    sink = Sink()
    made = processor(sink, queue_size=3)
    for group in (range(2), range(2, 5), range(5, 6)):
        made.add_each([span(str(n)) for n in group])
    made.start()
    made.stop()
    assert sink.names == ["0", "1", "2"]
    assert 'spans_dropped spans=3 cause="the queue was full"' in caplog.text


def test_several_that_fill_a_batch_are_exported_before_the_delay_is_over():
    sink = Sink()
    made = processor(sink, batch_size=3, delay_s=10 * PATIENCE_S)
    made.start()
    made.add_each([span("0"), span("1")])
    made.add_each([span("2"), span("3")])
    eventually(lambda: sink.names == ["0", "1", "2", "3"])
    made.stop()


def test_a_batch_is_exported_again_until_the_collector_takes_it(caplog: pytest.LogCaptureFixture):
    sink = Sink(OSError("away"), OSError("away"))
    made = processor(sink)
    made.add(span("late"))
    made.start()
    eventually(lambda: sink.names == ["late"])
    made.stop()
    assert not caplog.text


def test_what_the_collector_rejects_is_dropped_with_the_cause(caplog: pytest.LogCaptureFixture):
    sink = Sink(Refused("answered 400"))
    made = processor(sink)
    made.add(span("bad"))
    made.start()
    made.stop()
    assert sink.names == [] and 'spans_dropped spans=1 cause="answered 400"' in caplog.text


def test_spans_that_cannot_be_built_are_counted(caplog: pytest.LogCaptureFixture):
    sink = Sink()
    made = processor(sink)

    def build() -> list[bytes]:
        raise RuntimeError("no database")

    made.add(build)
    made.add(span("next"))
    made.start()
    made.stop()
    assert sink.names == ["next"] and 'spans=1 cause="no database"' in caplog.text


def test_a_collector_that_hangs_holds_up_no_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(batches, "STOP_S", 0.05)
    sink = Sink()
    sink.open.clear()
    made = processor(sink, batch_size=1)
    for n in range(3):
        made.add(span(str(n)))
    made.start()
    sink.entered.wait(PATIENCE_S)
    made.stop()
    assert "spans_dropped spans=3" in caplog.text
    sink.open.set()


def test_warnings_are_rare_and_count_everything(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    sink = Sink(*[Refused("no")] * 3)
    made = processor(sink, batch_size=1)
    made.start()
    for n in range(3):
        made.add(span(str(n)))
        eventually(partial(sink.has_faults, 2 - n), "the batch is rejected")
    made.stop()
    counts = [int(line.split("spans=")[1].split()[0]) for line in caplog.messages if "spans=" in line]
    assert sum(counts) == 3 and len(counts) <= 2
