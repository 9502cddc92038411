"""`novacron doctor` pointed at a cluster."""

from shared.db import session, workers
from testing import command_line
from tests.integration.conftest import Api
from tests.servers import KEPT, ROOT

NOBODY = "redis://127.0.0.1:1/0"


def test_a_cluster_is_examined_from_a_client(api: Api) -> None:
    """By its address alone: what the API tells. With the database's address, too: all of it."""
    known = {"NOVACRON_URL": f"http://127.0.0.1:{api.port}", "NOVACRON_TOKEN": api.token}

    def doctor(**more: str) -> tuple[int, str]:
        done = command_line.run("doctor", environment=KEPT | known | more, cwd=ROOT)
        return done.returncode, done.stdout

    status, said = doctor()
    assert status == 1 and "FAILS  ready: not ready: no worker of cpu-sim, crypto" in said
    with session.connect(api.database_url, name="tests") as connection:
        for queue in ("cpu-sim", "crypto"):
            workers.announce(connection, f"host:{queue}", queue=queue, host="host", pid=1, slots=2)
        connection.execute("UPDATE workers SET seen_at = seen_at + interval '1 hour'")  # however busy it is
    status, said = doctor()
    assert status == 0 and "ok     workers: 2 healthy with 4 slots on cpu-sim, crypto" in said
    assert "database:" not in said and "absent servers: not examined" in said
    status, said = doctor(NOVACRON_DATABASE_URL=api.database_url, NOVACRON_REDIS_URL=NOBODY)
    assert status == 1 and "ok     database: PostgreSQL" in said and "ok     leader" in said
    assert "FAILS  redis" in said and "absent servers" not in said
