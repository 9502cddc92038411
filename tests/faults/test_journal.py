"""What a task's journal does when the database turns against it."""

import numpy as np
import pytest

from shared.db import claims, session
from shared.tasks import TaskSpec
from workers.runtime.context import Entry
from workers.runtime.journal import TaskJournal
from workers.runtime.outcome import UnstorableError

ME = "me/1"


@pytest.fixture
def held(rig):
    """A running task of ours."""
    rig.submit([TaskSpec("noop", "gpu-sim")])
    pairs = rig.rows("UPDATE tasks SET state = 'queued', queued_at = clock_timestamp() RETURNING id, attempt")
    return rig.again(lambda connection: claims.claim(connection, pairs, worker=ME, lease_s=60))[0]


@pytest.fixture
def journal(rig, held):
    def connect():
        return session.connect(rig.database_url, name="tests")

    made = TaskJournal(connect, lambda read: read(), held, 0, ME)
    yield made
    made.close()


def entry(position, value):
    return Entry(position, np.zeros(2), value)


def test_what_the_database_refuses_is_raised_and_not_waited_for(journal):
    journal.append(entry(0, float("nan")))
    with pytest.raises(UnstorableError):
        journal.flush()


def test_a_killed_database_costs_no_evaluation(rig, journal):
    journal.append(entry(0, 1.0))
    journal.flush()
    rig.postgres.kill()
    journal.append(entry(1, 2.0))
    rig.ensure()
    journal.flush()
    assert [found.value for found in journal.entries()] == [1.0, 2.0]
