"""first schema."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


class Xid8(sa.types.UserDefinedType):
    """A PostgreSQL transaction id, 64 bits."""

    cache_ok = True

    def get_col_spec(self, **_):
        return "xid8"


def upgrade():
    op.create_table('dependencies',
    sa.Column('parent_id', sa.BigInteger(), nullable=False),
    sa.Column('child_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('parent_id', 'child_id')
    )
    op.create_index('dependencies_of_child', 'dependencies', ['child_id', 'position'], unique=False)
    op.create_table('events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('job_id', sa.Text(), nullable=False),
    sa.Column('xid', Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('events_of_job', 'events', ['job_id', 'xid', 'id'], unique=False)
    op.create_table('results',
    sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('value', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('task_id')
    )
    op.create_table('runtimes',
    sa.Column('shape', sa.Text(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('mean_s', sa.Double(), nullable=False),
    sa.Column('m2', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('shape')
    )
    op.create_table('tenants',
    sa.Column('id', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('weight', sa.Double(), server_default='1', nullable=False),
    sa.CheckConstraint('weight > 0', name='tenant_weight_positive'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('name')
    )
    op.create_table('workers',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('queue', sa.Text(), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('slots', sa.Integer(), nullable=False),
    sa.Column('draining', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('jobs',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'completed', 'failed', 'cancelled', name='job_state'), server_default='queued', nullable=False),
    sa.Column('priority', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('spec', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.Column('plan', postgresql.JSON(astext_type=sa.Text()), nullable=True),
    sa.Column('n_tasks', sa.Integer(), server_default='0', nullable=False),
    sa.Column('max_retries', sa.SmallInteger(), server_default='3', nullable=False),
    sa.Column('timeout_s', sa.Double(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('content_key', sa.Text(), nullable=True),
    sa.Column('from_cache', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('joined', sa.Text(), nullable=True),
    sa.Column('replay_of', sa.Text(), nullable=True),
    sa.Column('depends_on', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('idempotency_key', sa.Text(), nullable=True),
    sa.Column('request_hash', sa.Text(), nullable=True),
    sa.Column('error', postgresql.JSON(astext_type=sa.Text()), nullable=True),
    sa.Column('result', postgresql.JSON(astext_type=sa.Text()), nullable=True),
    sa.CheckConstraint("(state IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name='job_end_is_dated'),
    sa.CheckConstraint("state <> 'completed' OR result IS NOT NULL", name='job_completed_has_result'),
    sa.CheckConstraint("state <> 'failed' OR error IS NOT NULL", name='job_failed_has_cause'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('tenant_id', 'idempotency_key', name='job_idempotent')
    )
    op.create_index('job_in_flight_twin', 'jobs', ['content_key'], unique=True, postgresql_where=sa.text('finished_at IS NULL AND joined IS NULL AND content_key IS NOT NULL'))
    op.create_index('jobs_joined', 'jobs', ['joined'], unique=False, postgresql_where=sa.text('joined IS NOT NULL AND finished_at IS NULL'))
    op.create_index('jobs_of_tenant', 'jobs', ['tenant_id', sa.literal_column('created_at DESC'), 'id'], unique=False)
    op.create_index('jobs_unfinished', 'jobs', ['tenant_id'], unique=False, postgresql_where=sa.text('finished_at IS NULL'))
    op.create_index('jobs_unplanned', 'jobs', ['id'], unique=False, postgresql_where=sa.text("state = 'queued' AND n_tasks = 0 AND joined IS NULL"))
    op.create_index('jobs_with_deadline', 'jobs', ['id'], unique=False, postgresql_where=sa.text('timeout_s IS NOT NULL AND finished_at IS NULL'))
    op.create_table('tokens',
    sa.Column('id', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('submit', 'read', 'admin')", name='token_role_known'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('hash')
    )
    op.create_table('journal',
    sa.Column('job_id', sa.Text(), nullable=False),
    sa.Column('loop', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('point', postgresql.ARRAY(sa.Double()), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('gradient', postgresql.ARRAY(sa.Double()), nullable=True),
    sa.Column('variance', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('job_id', 'loop', 'position')
    )
    op.create_table('ledger',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('job_id', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.BigInteger(), nullable=False),
    sa.Column('resource', sa.Text(), nullable=False),
    sa.Column('amount', sa.Double(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('task_id', 'resource', name='ledger_charged_once')
    )
    op.create_table('tasks',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False, cycle=False), nullable=False),
    sa.Column('job_id', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('queue', sa.Text(), nullable=False),
    sa.Column('payload', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('blocked', 'ready', 'queued', 'running', 'completed', 'failed', 'cancelled', name='task_state'), nullable=False),
    sa.Column('priority', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('attempt', sa.Integer(), server_default='1', nullable=False),
    sa.Column('failures', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('remaining', sa.Integer(), server_default='0', nullable=False),
    sa.Column('has_inputs', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('final', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('cost_s', sa.Double(), nullable=False),
    sa.Column('memory_bytes', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_by', sa.Text(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', postgresql.JSON(astext_type=sa.Text()), nullable=True),
    sa.CheckConstraint("(state = 'blocked') <= (remaining > 0)", name='task_blocked_waits'),
    sa.CheckConstraint("(state = 'running') = (claimed_by IS NOT NULL AND finished_at IS NULL)", name='task_running_is_claimed'),
    sa.CheckConstraint('remaining >= 0', name='task_remaining_not_negative'),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    postgresql_with={'fillfactor': '60'}
    )
    op.create_index('tasks_active', 'tasks', ['queue', 'tenant_id'], unique=False, postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.create_index('tasks_delayed', 'tasks', ['not_before'], unique=False, postgresql_where=sa.text("state = 'ready' AND not_before IS NOT NULL"))
    op.create_index('tasks_of_job', 'tasks', ['job_id'], unique=False)
    op.create_index('tasks_ready', 'tasks', ['queue', 'tenant_id', sa.literal_column('priority DESC'), 'id'], unique=False, postgresql_where=sa.text("state = 'ready' AND not_before IS NULL"))


def downgrade():
    op.drop_index('tasks_ready', table_name='tasks', postgresql_where=sa.text("state = 'ready' AND not_before IS NULL"))
    op.drop_index('tasks_of_job', table_name='tasks')
    op.drop_index('tasks_delayed', table_name='tasks', postgresql_where=sa.text("state = 'ready' AND not_before IS NOT NULL"))
    op.drop_index('tasks_active', table_name='tasks', postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.drop_table('tasks')
    op.drop_table('ledger')
    op.drop_table('journal')
    op.drop_table('tokens')
    op.drop_index('jobs_with_deadline', table_name='jobs', postgresql_where=sa.text('timeout_s IS NOT NULL AND finished_at IS NULL'))
    op.drop_index('jobs_unplanned', table_name='jobs', postgresql_where=sa.text("state = 'queued' AND n_tasks = 0 AND joined IS NULL"))
    op.drop_index('jobs_unfinished', table_name='jobs', postgresql_where=sa.text('finished_at IS NULL'))
    op.drop_index('jobs_of_tenant', table_name='jobs')
    op.drop_index('jobs_joined', table_name='jobs', postgresql_where=sa.text('joined IS NOT NULL AND finished_at IS NULL'))
    op.drop_index('job_in_flight_twin', table_name='jobs', postgresql_where=sa.text('finished_at IS NULL AND joined IS NULL AND content_key IS NOT NULL'))
    op.drop_table('jobs')
    op.drop_table('workers')
    op.drop_table('tenants')
    op.drop_table('runtimes')
    op.drop_table('results')
    op.drop_index('events_of_job', table_name='events')
    op.drop_table('events')
    op.drop_index('dependencies_of_child', table_name='dependencies')
    op.drop_table('dependencies')
    for name in ("job_state", "task_state"):
        sa.Enum(name=name).drop(op.get_bind())
