"""How much memory there is, by the machine and by the container."""

import pytest

from workers.runtime import memory
from workers.runtime.outcome import ResourceExhaustedError


@pytest.fixture
def cgroup(monkeypatch, tmp_path):
    """A container's limits, written by the test."""
    monkeypatch.setattr(memory, "CGROUP", tmp_path)

    def write(**values):
        for name, value in values.items():
            (tmp_path / f"memory.{name}").write_text(f"{value}\n")

    return write


def test_without_a_container_the_machine_is_the_limit(cgroup):
    assert memory.total() > 1 << 28
    assert 0 < memory.available() <= memory.total()


def test_a_container_may_hold_less(cgroup):
    cgroup(max=1 << 20, current=1 << 18)
    assert memory.total() == 1 << 20
    assert memory.available() == (1 << 20) - (1 << 18)


def test_an_unlimited_container_is_the_machine(cgroup):
    cgroup(max=1 << 60, current=0)
    whole = memory.total()
    cgroup(max="max")
    assert memory.total() == whole


def test_a_configured_limit_comes_first(cgroup):
    cgroup(max=1000, current=0)
    assert memory.limit(77) == 77
    assert memory.limit(0) == 900


def test_what_fits_is_let_pass_and_what_does_not_is_refused_in_bytes(cgroup):
    cgroup(max=10_000, current=4_000)
    memory.check(0)
    memory.check(6_000)
    with pytest.raises(ResourceExhaustedError, match=r"needs 6,001 bytes of memory and 6,000 are available"):
        memory.check(6_001)
    cgroup(current=20_000)
    memory.check(0)
