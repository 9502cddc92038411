"""load of a queue, computed from indexes alone: ready times of tasks, and the function queue_load."""

from alembic import op
import sqlalchemy as sa

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

READY = sa.text("state = 'ready' AND not_before IS NULL")
DELAYED = sa.text("state = 'ready' AND not_before IS NOT NULL")
ACTIVE = sa.text("state IN ('queued', 'running')")

QUEUE_LOAD = """
CREATE FUNCTION queue_load(
  asked text, OUT ready bigint, OUT delayed bigint, OUT queued bigint, OUT running bigint, OUT work_s float8,
  OUT oldest_s float8, OUT slots bigint, OUT seconds float8
)
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_bitmapscan = off AS $$
  SELECT r.n, d.n, a.queued, a.running, r.work_s + a.work_s,
         coalesce(extract(epoch FROM clock_timestamp() - least(r.since, a.since))::float8, 0),
         w.n, (r.work_s + a.work_s) / greatest(w.n, 1)
  FROM (
    SELECT count(*) AS n, coalesce(sum(cost_s), 0) AS work_s, min(ready_at) AS since
    FROM tasks WHERE state = 'ready' AND not_before IS NULL AND queue = asked
  ) r, (
    SELECT count(*) AS n FROM tasks WHERE state = 'ready' AND not_before IS NOT NULL AND queue = asked
  ) d, (
    SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running,
           coalesce(sum(cost_s), 0) AS work_s, min(ready_at) FILTER (WHERE state = 'queued') AS since
    FROM tasks WHERE state IN ('queued', 'running') AND queue = asked
  ) a, (
    SELECT coalesce(sum(slots), 0)::bigint AS n FROM workers
    WHERE queue = asked AND NOT draining AND seen_at > clock_timestamp() - interval '15 seconds'
  ) w
$$
"""


def upgrade():
    # Existing rows get no date: a volatile default would rewrite the whole table.
    op.add_column('tasks', sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True))
    op.alter_column('tasks', 'ready_at', server_default=sa.text('clock_timestamp()'))
    for name in ('tasks_ready', 'tasks_delayed', 'tasks_active'):
        op.drop_index(name, table_name='tasks')
    op.create_index(
        'tasks_ready', 'tasks', ['queue', 'tenant_id', sa.text('priority DESC'), 'id'],
        postgresql_where=READY, postgresql_include=['cost_s', 'ready_at'],
    )
    op.create_index(
        'tasks_delayed', 'tasks', ['not_before'], postgresql_where=DELAYED, postgresql_include=['queue']
    )
    op.create_index(
        'tasks_active', 'tasks', ['queue', 'tenant_id'],
        postgresql_where=ACTIVE, postgresql_include=['state', 'cost_s', 'ready_at'],
    )
    op.create_index(
        'certificates_by_end', 'certificates', ['not_after'], postgresql_where=sa.text('revoked_at IS NULL')
    )
    op.create_index(
        'migrations_under_way', 'migrations', ['plan_id'],
        postgresql_where=sa.text("state IN ('running', 'waiting', 'rolling_back')"),
    )
    op.execute(QUEUE_LOAD)


def downgrade():
    op.execute('DROP FUNCTION queue_load(text)')
    op.drop_index('migrations_under_way', table_name='migrations')
    op.drop_index('certificates_by_end', table_name='certificates')
    for name in ('tasks_ready', 'tasks_delayed', 'tasks_active'):
        op.drop_index(name, table_name='tasks')
    op.create_index(
        'tasks_ready', 'tasks', ['queue', 'tenant_id', sa.text('priority DESC'), 'id'], postgresql_where=READY
    )
    op.create_index('tasks_delayed', 'tasks', ['not_before'], postgresql_where=DELAYED)
    op.create_index('tasks_active', 'tasks', ['queue', 'tenant_id'], postgresql_where=ACTIVE)
    op.drop_column('tasks', 'ready_at')
