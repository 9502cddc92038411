"""Who is there to work."""

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler.planning import molecules
from shared.db import workers
from tests.integration.core.world import World, node


def age(world: World, worker: str, seconds: float) -> None:
    change = "UPDATE workers SET seen_at = clock_timestamp() - %s * interval '1 second' WHERE id = %s"
    world.connection.execute(change, (seconds, worker))


def test_only_the_first_word_of_a_worker_wakes_the_dispatcher(world: World, listening) -> None:
    listening("ready")
    for number in range(8):
        world.serve(worker=f"host:{number}")
    assert len(listening("ready")) == 8
    for number in range(8):
        world.serve(worker=f"host:{number}")
    assert listening("ready") == []


def test_queues_are_live_while_a_worker_speaks(world: World) -> None:
    world.serve("cpu-sim", worker="a")
    world.serve("crypto", worker="b")
    assert workers.live_queues(world.connection) == {"cpu-sim", "crypto"}
    age(world, "a", 16)
    workers.drain(world.connection, "b")
    assert workers.live_queues(world.connection) == set()
    world.serve("cpu-sim", worker="a")
    assert workers.live_queues(world.connection) == {"cpu-sim"}
    workers.leave(world.connection, "a")
    assert workers.live_queues(world.connection) == set()


def test_the_listing_says_who_is_well_and_who_is_busy(world: World) -> None:
    world.serve("cpu-sim", 4, "host:1")
    world.serve("crypto", 2, "host:10")
    age(world, "host:10", 20)
    world.job([node(), node(), node(0, 1)])
    world.claim(worker="host:1/77")
    age_s = "SELECT extract(epoch FROM clock_timestamp() - seen_at)::float8 FROM workers WHERE id = %s"
    before = world.value(age_s, "host:10")
    listed = {row["worker"]: row for row in workers.listing(world.connection)}
    assert list(listed) == ["host:1", "host:10"]
    assert (listed["host:1"]["busy"], listed["host:1"]["healthy"]) == (2, True)
    assert (listed["host:10"]["busy"], listed["host:10"]["healthy"]) == (0, False)
    told_s = listed["host:10"]["last_seen_s"]  # to a tenth
    assert 20 <= before <= told_s + 0.05 <= world.value(age_s, "host:10") + 0.1


def test_only_workers_long_silent_are_forgotten(world: World) -> None:
    for worker, seconds in (("old", 601.0), ("quiet", 500.0)):
        world.serve(worker=worker)
        age(world, worker, seconds)
    workers.forget_dead(world.connection)
    assert [row["worker"] for row in workers.listing(world.connection)] == ["quiet"]


def test_extras_are_those_of_a_queues_live_workers(world: World) -> None:
    assert workers.extras(world.connection, "cpu-sim") is None
    world.serve(worker="a")
    assert workers.extras(world.connection, "cpu-sim") == set()
    world.serve(worker="b", extras=["chem"])
    world.serve("crypto", worker="c", extras=["other"])
    assert workers.extras(world.connection, "cpu-sim") == {"chem"}
    age(world, "b", 16)
    assert workers.extras(world.connection, "cpu-sim") == set()


def test_a_function_whose_extra_no_worker_has_is_refused(world: World) -> None:
    molecule = {"geometry": "H 0 0 0; H 0 0 0.74"}
    spec = parse_spec(
        {"kind": "pure_classical", "function": "molecular_integrals", "arguments": {"molecule": molecule}}
    )
    molecules.check_extra(world.connection, spec)
    world.serve(worker="a")
    with pytest.raises(BadInput, match="needs a worker with the extra chem, and none has it") as caught:
        molecules.check_extra(world.connection, spec)
    assert caught.value.field == "function" and "novacron[chem]" in (caught.value.hint or "")
    world.serve(worker="b", extras=["chem"])
    molecules.check_extra(world.connection, spec)
