"""Any order of submitting, claiming, finishing, losing and cancelling, on any graph: what must, holds."""

from dataclasses import replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.db import claims, dispatch, expansion, invariants, jobs, rescue
from shared.db.claims import Claim
from shared.failures import Failure
from shared.states import FailureClass
from shared.tasks import TaskSpec
from tests.integration.core.world import LEASE_S, World, node

WORKERS = ("a/1", "b/1")


@st.composite
def graphs(draw: st.DrawFn) -> list[TaskSpec]:
    """Graphs that `scheduler.planning.dag.check` lets pass: something comes after every task but the last."""
    size = draw(st.integers(1, 7))
    tasks = [
        node(*draw(st.lists(st.integers(0, k - 1), unique=True, max_size=3)) if k else [])
        for k in range(size)
    ]
    loose = set(range(size - 1)) - {parent for task in tasks for parent in task.after}
    return [*tasks[:-1], replace(tasks[-1], after=tuple(sorted(loose | set(tasks[-1].after))))]


class Interleavings(RuleBasedStateMachine):
    """`held` is what workers believe they hold; `lost` says which of it is theirs no more."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.world.empty()
        self.world.serve()
        self.jobs: list[str] = []
        self.held: dict[tuple[int, int], tuple[Claim, str]] = {}

    def theirs(self, claim: Claim) -> bool:
        """Whether the task is still in the hands of this attempt."""
        query = "SELECT state = 'running' AND attempt = %s FROM tasks WHERE id = %s"
        return bool(self.world.value(query, claim.attempt, claim.task_id))

    def hold(self, mine: list[Claim] | None, worker: str) -> None:
        self.held |= {(claim.task_id, claim.attempt): (claim, worker) for claim in mine or ()}

    def one(self, data: st.DataObject) -> tuple[Claim, str]:
        return self.held.pop(data.draw(st.sampled_from(sorted(self.held))))

    @rule(tasks=graphs(), content=st.sampled_from([None, "x", "y"]), priority=st.integers(-1, 1))
    def submit(self, tasks: list[TaskSpec], content: str | None, priority: int) -> None:
        self.jobs.append(self.world.job(tasks, content_key=content, spec={"priority": priority}))

    @rule(worker=st.sampled_from(WORKERS), n=st.integers(1, 4), slots=st.integers(1, 8))
    def work(self, worker: str, n: int, slots: int) -> None:
        self.hold(self.world.claim(worker, n=n), worker)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), inline=st.integers(0, 3), n=st.integers(1, 3))
    def finish(self, data: st.DataObject, inline: int, n: int) -> None:
        chosen = [self.one(data) for _ in range(min(n, len(self.held)))]
        worker = chosen[0][1]
        mine = [claim for claim, by in chosen if by == worker]
        expected = {claim.task_id for claim in mine if self.theirs(claim)}
        freed = self.world.finish(mine, worker=worker, inline=inline)
        assert freed.accepted == expected
        self.hold(freed.inline, worker)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), delay_s=st.sampled_from([0.0, 60.0]), failed=st.booleans())
    def release(self, data: st.DataObject, delay_s: float, failed: bool) -> None:
        claim, worker = self.one(data)
        expected = self.theirs(claim)
        assert expected == claims.release(
            self.world.connection, claim, worker=worker, cause="again", delay_s=delay_s, failed=failed
        )

    @precondition(lambda self: self.held)
    @rule(data=st.data(), tasks=graphs(), inline=st.integers(0, 1))
    def expand(self, data: st.DataObject, tasks: list[TaskSpec], inline: int) -> None:
        claim, worker = self.one(data)
        expected = self.theirs(claim)
        mine = expansion.expand(
            self.world.connection, claim, tasks, worker=worker, lease_s=LEASE_S, inline=inline
        )
        assert (mine is not None) == expected
        self.hold(mine, worker)

    @precondition(lambda self: len(self.held) > 2)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        claim, worker = self.one(data)
        expected = self.theirs(claim)
        assert expected == claims.fail(
            self.world.connection, claim, worker=worker, failure=Failure(FailureClass.USER, "wrong")
        )

    @rule(worker=st.sampled_from(WORKERS))
    def lose(self, worker: str) -> None:
        """The worker dies; what it believes to hold stays with it, as with one that was only stopped."""
        change = (
            "UPDATE tasks SET lease_until = clock_timestamp() WHERE state = 'running' AND claimed_by = %s"
        )
        self.world.connection.execute(change, (worker,))
        rescue.reclaim_expired(self.world.connection)

    @rule()
    def lose_messages(self) -> None:
        pairs = self.world.rows("SELECT id, attempt FROM tasks WHERE state = 'queued'")
        dispatch.put_back(self.world.connection, [(task, attempt) for task, attempt in pairs], cause="lost")

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self.jobs))
        expected = self.world.status(job) in ("queued", "running")
        assert jobs.cancel(self.world.connection, job) == expected

    @rule()
    def care(self) -> None:
        """What the scheduler's loop does now and then: the delayed are woken, the parted planned anew."""
        self.world.connection.execute(
            "UPDATE tasks SET not_before = clock_timestamp() WHERE not_before IS NOT NULL"
        )
        dispatch.wake_delayed(self.world.connection)
        with self.world.connection.transaction():
            for waiting in jobs.unplanned(self.world.connection):
                jobs.write_plan(self.world.connection, waiting.owner, jobs.Plan([node(), node(0)], {}))

    @invariant()
    def holds(self) -> None:
        assert invariants.violations(self.world.connection, lease_s=1000.0) == {}

    def teardown(self) -> None:
        """Whatever happened, the jobs come to an end."""
        self.lose("a/1")
        self.lose("b/1")
        for _ in range(100):
            self.care()
            if not (held := self.world.claim("c/1")):
                break
            self.world.finish(held, worker="c/1")
        assert not {"queued", "running"} & {self.world.status(job) for job in self.jobs}
        self.holds()


def test_whatever_happens_in_whatever_order(world: World) -> None:
    quick = settings(
        max_examples=15, stateful_step_count=25, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    here = type("Here", (Interleavings,), {"world": world})
    run_state_machine_as_test(here, settings=quick)
