"""Real servers of each kind of target: a migration carried out, taken back and again, killed at every effect.

`python -m benchmarks.migration` does the same with forty services at once.
"""

import psycopg
import pytest

from testing.migration.campaign import Campaign
from testing.migration.rig import Size, rig

SIZES = {
    "nginx": Size(hosts=1, nginx_groups=1),
    "haproxy": Size(balancers=1, sites=1),
    "postgresql": Size(clusters=1),
    "sshd": Size(daemons=1),
    "files": Size(issuers=1),
}


@pytest.mark.parametrize("kind", SIZES)
def test_a_killed_migration_of_real_servers_is_resumed_and_taken_back(
    kind, new_database_url, kek_file, monkeypatch
):
    monkeypatch.setenv("NOVACRON_KEK_FILE", str(kek_file))
    with psycopg.connect(new_database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO tenants (name) VALUES ('one')")
    with rig(new_database_url, SIZES[kind]) as running:
        campaign = Campaign(new_database_url, running)
        assert campaign.rehearse() > len(campaign.steps)
        assert campaign.states() == {"pending": len(campaign.steps)}
        for service in running.services.values():
            service.original()
        campaign.forwards(killed=False, retire=False)
        assert set(campaign.states()) == {"done", "pending"}
        campaign.backwards(killed=True)
        assert set(campaign.states()) == {"rolled_back", "pending"}
        for service in running.services.values():
            service.original()
        campaign.forwards(killed=True, retire=True)
        assert campaign.states() == {"done": len(campaign.steps)}
        for service in running.services.values():
            service.migrated()
    assert campaign.n_kills > 2 * len(campaign.steps), "there are that many effects at least"
