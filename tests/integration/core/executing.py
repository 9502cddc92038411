"""A worker child in this process, on the database and the probes of a test."""

from shared.settings import Settings
from shared.tasks import TaskSpec
from tests.integration.core.world import World
from workers.runtime.execute import Executor

WORKER = "host:1/7"


def executor_of(
    world: World, redis_url: str, *, inline_s: float = 0.0, task_events: bool = False
) -> Executor:
    """A worker child of the world's database."""
    settings = Settings(
        database_url=world.url, redis_url=redis_url, lease_s=20.0, inline_s=inline_s, task_events=task_events
    )
    return Executor(settings, queue="cpu-sim", worker=WORKER, slots=1)


def message(world: World, executor: Executor) -> list[int]:
    """Take what is ready and execute it as one message; the tasks of it."""
    world.serve()
    pairs = [(task.task_id, task.attempt) for task in world.take()]
    if pairs:
        executor.execute(pairs)
    return [task for task, _ in pairs]


def probe(name: str, *after: int, **payload: object) -> TaskSpec:
    """A task that does what a probe does."""
    return TaskSpec(f"probe_{name}", "cpu-sim", payload, after, 0.001)
