"""Backends of installed packages: a broken one costs itself alone."""

from importlib.metadata import EntryPoint

import pytest

from novacron.errors import BadInput
from shared.quantum import backends
from shared.quantum.backend_name import BackendName
from shared.quantum.backends import BUILT_IN, GROUP, Declaration, Registry


def row(name, queue="cpu-sim"):
    return Declaration(
        name=name, queue=queue, implementation="somewhere:There", max_qubits=3, bytes_per_amplitude=1
    )


MINE, TAKEN, SHOUTED, LOST = row("mine"), row("statevector"), row("Mine"), row("lost", "nowhere")
NOT_A_ROW = "mine"


@pytest.fixture
def installed(monkeypatch):
    """The registry with entry points, given as name -> value."""

    def install(**entries):
        found = [EntryPoint(name, value, GROUP) for name, value in entries.items()]
        monkeypatch.setattr(backends, "entry_points", lambda group: found if group == GROUP else [])
        return Registry()

    return install


def test_a_package_adds_a_backend(installed):
    registry = installed(anything=f"{__name__}:MINE")
    assert list(registry) == [*BUILT_IN, "mine"] and len(registry) == len(BUILT_IN) + 1
    assert registry["mine"] == MINE and registry["statevector"] is BUILT_IN["statevector"]
    assert "nothing" not in registry


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (f"{__name__}:NOT_A_ROW", "is not a shared.quantum.backends.Declaration"),
        (f"{__name__}:TAKEN", "the name 'statevector' is taken"),
        (f"{__name__}:SHOUTED", "the name 'Mine' is not"),
        (f"{__name__}:LOST", "there is no queue 'nowhere'"),
        (f"{__name__}:ABSENT", "AttributeError"),
        ("no_such_package_of_ours:ROW", "ModuleNotFoundError"),
    ],
)
def test_a_broken_package_is_listed_with_the_reason_and_costs_nobody_else(installed, value, why):
    registry = installed(broken=value, fine=f"{__name__}:MINE")
    broken = registry["broken"]
    assert why in broken.missing and f"entry point {value} of {GROUP}: " in broken.missing
    shown = broken.shown(live=True)
    assert (shown["available"], shown["why"]) == (False, broken.missing)
    assert not registry["mine"].missing and list(registry)[:-2] == list(BUILT_IN)


def test_a_broken_package_takes_no_name_that_is_taken(installed):
    registry = installed(statevector=f"{__name__}:TAKEN")
    assert registry["statevector"] is BUILT_IN["statevector"]
    assert registry[f"statevector of {__name__}:TAKEN"].missing


def test_a_package_that_ends_the_process_on_import_does_not(installed, tmp_path, monkeypatch):
    (tmp_path / "ends_on_import.py").write_text("import sys; sys.exit('no')")
    monkeypatch.syspath_prepend(tmp_path)
    assert "SystemExit: no" in installed(broken="ends_on_import:ROW")["broken"].missing


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "must be one of"),
        ("statevektor", "must be one of"),
        ("auto", "takes no device"),
        ("statevector:a", "no devices"),
    ],
)
def test_what_names_no_device_is_refused(text, rule):
    with pytest.raises(BadInput, match=rule) as caught:
        BackendName.of(text)
    assert (caught.value.field, caught.value.value) == ("backend", text)


def test_a_device_is_written_as_it_is_read():
    assert str(BackendName.of("statevector")) == "statevector"
    assert BackendName.of("ibm:ibm_torino") == BackendName("ibm", "ibm_torino")
    assert str(BackendName("ibm", "ibm_torino")) == "ibm:ibm_torino"
