"""Jobs as rows: accepted, joined, waiting for others, cancelled, failed, overdue."""

from functools import partial

import pytest

from novacron.specs import parse_spec
from scheduler.planning import planner
from shared.db import claims, expansion, graph, jobs, reading, session
from shared.db.claims import Claim
from shared.db.completion import Freed
from shared.db.jobs import NewJob, Plan
from shared.states import JOB_MOVES, JobState
from tests.integration.core.world import ME, SPEC, World, node

ERROR = {"class": "timeout", "message": "too long"}


@pytest.fixture(params=[0, graph.FEW], ids=["copied", "in one statement"])
def either_way(request, monkeypatch) -> None:
    """Graphs are written as large ones are, and as small ones."""
    monkeypatch.setattr(graph, "FEW", request.param)


def test_a_job_is_accepted_with_its_tasks(world: World, either_way, listening) -> None:
    listening("ready")
    job = world.job([node(), node(0)])
    assert (world.status(job), world.states(job)) == ("queued", ["ready", "blocked"])
    assert world.value("SELECT n_tasks FROM jobs") == 2
    assert world.events(job) == [("job", {"status": "queued", "cause": "accepted"})]
    assert listening("ready")


def test_the_events_of_the_plan_follow_the_acceptance(world: World) -> None:
    job = NewJob(world.tenant("one"), SPEC)
    plan = Plan([node()], {}, [("placement", {"queue": "cpu-sim"}), ("reference", {"e_exact": -1.0})])
    jobs.insert(world.connection, job, plan)
    assert [kind for kind, _ in world.events(job.job_id)] == ["job", "placement", "reference"]


def test_a_cached_result_completes_at_once_without_tasks(world: World) -> None:
    job = world.job([node()], cached={"energy": -1.0})
    assert world.rows("SELECT state, result, from_cache FROM jobs") == [("completed", {"energy": -1.0}, True)]
    assert world.ids(job) == []


def test_the_same_key_of_one_tenant_is_one_job(world: World, either_way) -> None:
    first = world.job([node()], idempotency_key="key", request_hash="h")
    again = NewJob(world.tenant("one"), SPEC, idempotency_key="key", request_hash="h")
    assert jobs.insert(world.connection, again, Plan([node()], {})) is None
    assert reading.by_idempotency_key(world.connection, world.tenant("one"), "submit", "key") == (first, "h")
    assert world.job([node()], tenant="two", idempotency_key="key", request_hash="h") != first
    assert world.value("SELECT count(*) FROM tasks") == 2


def test_a_key_answers_the_role_it_came_with_alone(world: World, either_way) -> None:
    tenant = world.tenant("one")
    first = world.job([node()], idempotency_key="key", request_hash="h", role="admin")
    assert reading.by_idempotency_key(world.connection, tenant, "submit", "key") is None
    second = world.job([node()], idempotency_key="key", request_hash="h", role="submit")
    for role, job in (("admin", first), ("submit", second)):
        assert reading.by_idempotency_key(world.connection, tenant, role, "key") == (job, "h")
    world.connection.execute("UPDATE jobs SET role = NULL WHERE id = %s", (first,))
    world.connection.execute("UPDATE jobs SET idempotency_key = 'else' WHERE id = %s", (second,))
    assert reading.by_idempotency_key(world.connection, tenant, "operator", "key") == (first, "h")


def test_of_many_submissions_with_one_key_one_is_accepted(world: World, either_way) -> None:
    def submit(connection) -> str | None:
        new = NewJob(1, SPEC, idempotency_key="key", request_hash="h")
        return jobs.insert(connection, new, Plan([node()], {}))

    for _ in range(3):
        world.connection.execute("TRUNCATE jobs CASCADE")
        accepted = [job for job in world.at_once(*[submit] * 8) if job]
        assert len(accepted) == world.value("SELECT count(*) FROM jobs") == 1
        assert world.ids(accepted[0]) and world.value("SELECT count(*) FROM tasks") == 1


def test_of_many_submissions_of_one_content_one_computes(world: World, either_way) -> None:
    def submit(connection) -> str:
        while True:
            if job := jobs.insert(connection, NewJob(1, SPEC, content_key="k"), Plan([node()], {})):
                return job

    accepted = world.at_once(*[submit] * 8)
    [(leader,)] = world.rows("SELECT id FROM jobs WHERE joined IS NULL")
    assert set(accepted) == {row[0] for row in world.rows("SELECT id FROM jobs")}
    assert world.rows("SELECT job_id FROM tasks") == [(leader,)]
    assert world.value("SELECT count(*) FROM jobs WHERE joined = %s", leader) == 7
    world.drive(leader)
    assert world.rows("SELECT DISTINCT state FROM jobs") == [("completed",)]


def test_an_ended_job_is_nobodys_twin(world: World) -> None:
    first = world.job([node()], content_key="k")
    world.drive(first)
    second = world.job([node()], content_key="k")
    assert world.value("SELECT joined FROM jobs WHERE id = %s", second) is None


def test_a_job_that_depends_on_others_shares_with_nobody(world: World) -> None:
    first = world.job([node()])
    world.job(None, spec={"depends_on": [first]}, content_key="k")
    twin = world.job([node()], content_key="k")
    assert world.value("SELECT joined FROM jobs WHERE id = %s", twin) is None
    later = world.job(None, spec={"depends_on": [first]}, content_key="k")
    assert world.value("SELECT joined FROM jobs WHERE id = %s", later) is None


@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_when_the_leader_ends_without_a_result_the_first_twin_takes_its_place(world: World, end: str) -> None:
    leader = world.job([node()], content_key="k")
    first, second = (world.job([node()], content_key="k") for _ in range(2))
    world.claim()
    if end == "cancel":
        jobs.cancel(world.connection, leader)
    else:
        jobs.fail(world.connection, leader, ERROR)
    assert world.rows("SELECT id, joined FROM jobs WHERE finished_at IS NULL ORDER BY created_at") == [
        (first, None), (second, first),
    ]  # fmt: skip
    world.serve()
    planner.plan_waiting(world.connection, {})
    assert world.states(first) == ["ready"]
    world.drive(first)
    assert world.status(second) == "completed"


def test_a_cancelled_twin_leaves_its_leader_alone(world: World) -> None:
    leader = world.job([node()], content_key="k")
    twin = world.job([node()], content_key="k")
    assert jobs.cancel(world.connection, twin)
    world.drive(leader)
    assert (world.status(leader), world.status(twin)) == ("completed", "cancelled")


def test_a_dependent_job_waits_then_is_planned(world: World) -> None:
    first, second = world.job([node()]), world.job([node()])
    third = world.job(None, spec={"depends_on": [first, second]})
    world.serve()
    world.finish(world.claim(n=1))
    planner.plan_waiting(world.connection, {})
    assert world.ids(third) == []
    world.finish(world.claim())
    planner.plan_waiting(world.connection, {})
    assert world.states(third) == ["ready"]
    told = [kind for kind, _ in world.events(third)]
    assert told == ["job", "placement"]
    world.drive(third)


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_job_fails_with_what_it_depends_on_and_so_on_down_the_line(world: World, end: str) -> None:
    first, other = world.job([node()]), world.job([node()])
    second = world.job(None, spec={"depends_on": [first, other]})
    third = world.job(None, spec={"depends_on": [second]})
    if end == "cancelled":
        jobs.cancel(world.connection, first)
    else:
        jobs.fail(world.connection, first, ERROR)
    planner.plan_waiting(world.connection, {})
    planner.plan_waiting(world.connection, {})
    for job, broken in ((second, first), (third, second)):
        error = world.value("SELECT error FROM jobs WHERE id = %s", job)
        assert error["class"] == "dependency" and broken in error["message"]
        assert (error["dependency"]["job_id"], error["root"]["job_id"]) == (broken, first)
        assert error["root"]["status"] == end and error["message"].count(first) == 1
        kept = world.value("SELECT error FROM jobs WHERE id = %s", first)
        assert all(error["root"][name] == kept.get(name) for name in jobs.KEPT_OF_DEPENDENCY)
        assert error["retryable"] == bool(kept.get("retryable"))
    assert world.status(other) == "queued"


def test_a_waiting_job_that_cannot_be_placed_any_more_fails_with_the_reason(world: World) -> None:
    asked = {"hamiltonian": {"model": "tfim", "n_qubits": 2}, "ansatz": {"name": "hardware_efficient"}}
    spec = parse_spec({"kind": "hybrid_vqe", "mitigation": ["zne"], **asked})
    job = world.job(None, spec=spec.model_dump(mode="json"))
    planner.plan_waiting(world.connection, {})
    error = world.value("SELECT error FROM jobs WHERE id = %s", job)
    assert error["class"] == "user" and "mitigation" in error["message"]


def test_two_schedulers_plan_a_waiting_job_once(world: World) -> None:
    waiting = [world.job(None) for _ in range(5)]
    world.at_once(*[partial(planner.plan_waiting, named={})] * 3)
    assert [len(world.ids(job)) for job in waiting] == [1] * 5


def test_cancel_reaches_every_task(world: World, listening) -> None:
    job = world.job([node(), node(), node(), node(0, 1, 2)])
    world.finish(world.claim(n=1))
    world.claim(n=1)
    other = world.job([node()])
    listening("job")
    assert jobs.cancel(world.connection, job, "ada")
    assert world.states(job) == ["completed", "cancelled", "cancelled", "cancelled"]
    assert world.events(job)[-1] == ("job", {"status": "cancelled", "cause": 'cancelled by the token "ada"'})
    assert ("job", job) in listening("job")
    assert world.states(other) == ["ready"]


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_a_job_ends_once(world: World, end: str) -> None:
    job = world.job([node()])
    held = world.claim()
    if end == "completed":
        world.finish(held)
    elif end == "failed":
        jobs.fail(world.connection, job, ERROR)
    else:
        jobs.cancel(world.connection, job)
    before = world.everything()
    assert not jobs.cancel(world.connection, job)
    assert not jobs.fail(world.connection, job, ERROR)
    assert world.finish(held).accepted == set()
    assert world.everything() == before
    assert JOB_MOVES[JobState(end)] == frozenset()


def test_a_job_that_is_not_there_cannot_be_ended(world: World) -> None:
    assert not jobs.cancel(world.connection, "nowhere")


def test_a_claim_under_way_does_not_bring_a_cancelled_job_back(world: World) -> None:
    for _ in range(10):
        job = world.job([node(), node(), node(0, 1)])
        world.serve()
        pairs = [(ready.task_id, ready.attempt) for ready in world.take()]
        world.at_once(
            partial(jobs.cancel, job_id=job),
            *(
                lambda connection, pair=pair: claims.claim(connection, [pair], worker=ME, lease_s=9)
                for pair in pairs
            ),
        )
        assert world.status(job) == "cancelled"
        assert set(world.states(job)) == {"cancelled"}


def test_cancel_and_finishing_siblings_at_once(world: World) -> None:
    for _ in range(5):
        job = world.job([*(node() for _ in range(6)), node(*range(6))])
        held = world.claim()
        world.at_once(
            *(
                lambda connection, part=held[k::3]: world.finish(part, connection=connection)
                for k in range(3)
            ),
            partial(jobs.cancel, job_id=job),
        )
        assert world.status(job) == "cancelled"
        assert set(world.states(job)) <= {"completed", "cancelled"}


def test_cancel_and_the_final_result_at_once(world: World) -> None:
    """One of them wins, at once: neither waits for what the other holds."""
    for _ in range(15):
        job = world.job([node()])
        held = world.claim()
        freed, cancelled = world.at_once(partial(_finish, world, held), partial(jobs.cancel, job_id=job))
        assert bool(freed.accepted) != cancelled
        assert world.status(job) == ("cancelled" if cancelled else "completed")


def test_cancel_and_expansion_at_once(world: World) -> None:
    for _ in range(15):
        job = world.job([node()])
        [held] = world.claim()
        grow = partial(expansion.expand, held=held, tasks=[node(), node(0)], worker=ME, lease_s=9, inline=1)
        _, cancelled = world.at_once(grow, partial(jobs.cancel, job_id=job))
        assert cancelled and set(world.states(job)) <= {"completed", "cancelled"}


def _finish(world: World, held: list[Claim], connection: session.Connection) -> Freed:
    return world.finish(held, connection=connection)


def test_a_worker_reads_its_order(world: World) -> None:
    job = world.job([node()], shape="s", content_key="k")
    order = jobs.order(world.connection, job)
    assert (order.job_id, order.spec, order.content_key, order.tenant_id) == (job, SPEC, "k", 1)
    assert order.plan == {"shape": "s", "submitted_by": "", "token_id": ""}
    with pytest.raises(LookupError, match="nowhere"):
        jobs.order(world.connection, "nowhere")
