"""Machine code for a level of processors, and the refusal to run it where it would crash."""

import pytest

from workers.quantum import machine_code
from workers.quantum.simulation.cpu import processor


def test_a_processor_that_lacks_what_code_was_made_for_is_refused(monkeypatch):
    monkeypatch.setattr(processor, "_flags", lambda: processor.needed("x86-64-v3") - {"fma"})
    for name, lacks in (("", False), ("x86-64-v2", False), ("x86-64-v3", True), ("neoverse-n1", False)):
        monkeypatch.setenv(processor.VARIABLE, name)
        assert ("lacks fma" in processor.refusal()) is lacks
    monkeypatch.setenv(processor.VARIABLE, "x86-64-v3")
    with pytest.raises(SystemExit, match="made for x86-64-v3"):
        machine_code.ensure(print)


def test_each_level_needs_what_the_one_before_needs():
    assert processor.needed("x86-64-v2") < processor.needed("x86-64-v3") < processor.needed("x86-64-v4")


def test_where_nothing_is_known_of_the_processor_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(processor, "_flags", frozenset)
    monkeypatch.setenv(processor.VARIABLE, "x86-64-v3")
    assert not processor.refusal()
