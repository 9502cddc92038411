from importlib import import_module
from types import SimpleNamespace

import pytest

from shared.functions import functions
from workers.context import Context
from workers.operations import classical
from workers.outcome import Stopped, UserError

PATH = {"edges": [[0, 1], [1, 2]]}


def context(spec, payload=None, inputs=(), checkpoint=lambda: None):
    return Context(
        spec={"kind": "pure_classical", "arguments": {}, "map": None} | spec,
        payload=payload or {},
        inputs=inputs,
        seed=3,
        queue="cpu-sim",
        journal=lambda loop: pytest.fail("no loop here"),
        checkpoint=checkpoint,
        warn=lambda message: None,
    )


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
    monkeypatch.setattr("workers.classical.sleep.time", clock)
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
def test_bad_requests_are_user_errors(spec, message):
    with pytest.raises(UserError, match=message):
        classical.call(context(spec))


def test_a_value_that_is_not_json_is_the_functions_fault(monkeypatch):
    monkeypatch.setattr("workers.classical.noop.run", lambda arguments, seed, checkpoint: float("nan"))
    with pytest.raises(UserError, match="noop returned something that is not JSON"):
        classical.call(context({"function": "noop"}))
