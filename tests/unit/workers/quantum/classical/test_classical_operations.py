import math
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from novacron.errors import BadInput
from shared.functions import functions
from testing import contexts
from workers.operations import classical
from workers.runtime import failure
from workers.runtime.outcome import FunctionError, OverflowedError, PassingError, Stopped, UserError

PATH = {"edges": [[0, 1], [1, 2]]}


def context(spec, payload=None, inputs=(), **more):
    return contexts.context({"kind": "pure_classical", "seed": 3} | spec, payload, inputs, **more)


def test_every_registered_function_can_be_loaded():
    for function in functions().values():
        module, _, attribute = function.implementation.partition(":")
        assert callable(getattr(import_module(module), attribute))


def test_one_call_fills_in_defaults_and_names_the_function():
    value = classical.call(
        context({"function": "maxcut_simulated_annealing", "arguments": {"maxcut": PATH}})
    ).value
    assert value["function"] == "maxcut_simulated_annealing"
    assert value["value"]["cut"] == 2 and value["value"]["bitstring"] == "010"


def test_a_map_is_one_call_an_entry_gathered_in_order():
    spec = {
        "function": "maxcut_brute_force",
        "map": [{"maxcut": PATH}, {"maxcut": {"edges": [[0, 1], [1, 2], [0, 2]]}}],
    }
    parts = [classical.call(context(spec, {"index": i})).value for i in range(2)]
    gathered = classical.gather(context(spec, inputs=parts)).value
    assert gathered["function"] == "maxcut_brute_force"
    assert [value["n_optimal"] for value in gathered["values"]] == [2, 6]


def test_entries_of_a_map_have_seeds_of_their_own():
    graph = {"edges": [[i, j] for i in range(9) for j in range(i)]}
    arguments = {"maxcut": graph, "n_roundings": 1}
    spec = {"function": "maxcut_goemans_williamson", "arguments": arguments, "map": [{}] * 8}
    values = [classical.call(context(spec, {"index": i})).value for i in range(8)]
    single = classical.call(context({**spec, "map": None})).value["value"]
    assert values[0] == single
    assert len({value["bitstring"] for value in values}) > 1


def test_sleep_waits_and_can_be_stopped(monkeypatch):
    naps: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: sum(naps), sleep=naps.append)
    monkeypatch.setattr("workers.quantum.classical.sleep.time", clock)
    value = classical.call(context({"function": "sleep", "arguments": {"seconds": 0.25}})).value
    assert value["value"] == {"slept_s": 0.25} and naps == pytest.approx([0.1, 0.1, 0.05])

    def checkpoint():
        raise Stopped

    with pytest.raises(Stopped):
        classical.call(context({"function": "sleep", "arguments": {"seconds": 60}}, checkpoint=checkpoint))


def test_noop_returns_nothing():
    assert classical.call(context({"function": "noop"})).value == {"function": "noop", "value": None}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"function": "nop"}, "did you mean 'noop'"),
        ({"function": "sleep", "arguments": {"second": 1}}, "did you mean 'seconds'"),
        ({"function": "sleep", "map": [{"seconds": 4000}]}, r"map\[0\].seconds = 4000: must be at most 3600"),
    ],
)
def test_bad_requests_are_refused(spec, message):
    with pytest.raises(BadInput, match=message):
        classical.call(context(spec))


def broken(error):
    """A function that raises."""

    def run(arguments, seed, checkpoint):
        raise error

    return run


def computing(expression):
    """A function that computes something and returns it."""
    return lambda arguments, seed, checkpoint: expression()


BROKEN = {
    "division": computing(lambda: 1 / 0),
    "domain": computing(lambda: math.sqrt(-1)),
    "complex": computing(lambda: (-8) ** 0.5),
    "missing": computing(lambda: {"a": 1}["key"]),
    "recursion": broken(RecursionError("maximum recursion depth exceeded")),
    "set": computing(lambda: {1, 2}),
    "numpy": computing(lambda: np.linalg.inv(np.zeros((2, 2)))),
    "bare OSError": broken(OSError("disk")),
}
OVERFLOWN = {
    "overflow": computing(lambda: math.exp(1000)),
    "power": computing(lambda: 10.0**400),
    "integer": computing(lambda: float(10**400)),
    "nan": computing(lambda: {"energy": [1.0, math.nan]}),
    "inf": computing(lambda: 1e308 * 10),
}


@pytest.fixture
def runs(monkeypatch):
    """Has the function `noop`, of a package or of our own, do something else."""

    def put(run, package):
        declared = replace(functions()["noop"], package=package)
        monkeypatch.setattr("shared.functions.find", lambda name: declared)
        monkeypatch.setattr("workers.quantum.classical.noop.run", run)
        return context({"function": "noop"})

    return put


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_in_a_function_is_its_packages_fault_or_ours(runs, name):
    with pytest.raises(
        FunctionError, match=r"^noop of harmonic 1\.0 (broke: \w+|returned something that is not)"
    ) as raised:
        classical.call(runs(BROKEN[name], "harmonic 1.0"))
    found = failure.of(raised.value)
    assert (found.kind, found.code) == ("user", "function_failed")
    assert found.cause
    with pytest.raises(Exception) as ours:
        classical.call(runs(BROKEN[name], None))
    assert failure.of(ours.value).kind == "internal"


@pytest.mark.parametrize("package", [None, "harmonic 1.0"])
@pytest.mark.parametrize("name", OVERFLOWN)
def test_what_overflows_says_so(runs, name, package):
    with pytest.raises(
        OverflowedError, match=r"^noop.* (overflowed: OverflowError|returned what is not finite: )"
    ) as raised:
        classical.call(runs(OVERFLOWN[name], package))
    found = failure.of(raised.value)
    assert (found.kind, found.code) == ("user", "overflow") and found.hint
    if name == "nan":
        assert "energy[1] is nan" in found.message


@pytest.mark.parametrize("package", [None, "harmonic 1.0"])
@pytest.mark.parametrize(
    ("error", "kind"),
    [(UserError("no"), "user"), (BadInput("no"), "user"), (ConnectionError("gone"), "transient"),
     (PassingError("later"), "transient"), (MemoryError(), "resource")],
)  # fmt: skip
def test_what_a_function_says_itself_stays(runs, error, kind, package):
    with pytest.raises(type(error)) as raised:
        classical.call(runs(broken(error), package))
    assert failure.of(raised.value).kind == kind
    with pytest.raises(Stopped):
        classical.call(runs(broken(Stopped()), package))
