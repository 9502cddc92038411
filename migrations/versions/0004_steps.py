"""migrations in execution, their steps, and later drift findings."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

NOW = sa.text('clock_timestamp()')
MOMENT = sa.DateTime(timezone=True)
JSON = postgresql.JSON(astext_type=sa.Text())


def upgrade():
    op.create_table('migrations',
    sa.Column('plan_id', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('updated_at', MOMENT, server_default=NOW, nullable=False),
    sa.CheckConstraint("state IN ('running', 'waiting', 'completed', 'failed', 'rolling_back', 'rolled_back')", name='migration_state_known'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ),
    sa.PrimaryKeyConstraint('plan_id')
    )
    op.create_table('migration_steps',
    sa.Column('plan_id', sa.Text(), nullable=False),
    sa.Column('step_id', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('step', JSON, nullable=False),
    sa.Column('state', sa.Text(), server_default='pending', nullable=False),
    sa.Column('job_id', sa.Text(), nullable=False),
    sa.Column('checkpoint', JSON, nullable=True),
    sa.Column('facts', postgresql.JSONB(), server_default='{}', nullable=False),
    sa.Column('evidence', JSON, nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('started_at', MOMENT, nullable=True),
    sa.Column('finished_at', MOMENT, nullable=True),
    sa.CheckConstraint("state IN ('pending', 'started', 'done', 'failed', 'waiting', 'rolled_back')", name='migration_step_state_known'),
    sa.CheckConstraint("state NOT IN ('started', 'done') OR checkpoint IS NOT NULL", name='migration_step_has_checkpoint'),
    sa.ForeignKeyConstraint(['plan_id'], ['migrations.plan_id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('plan_id', 'step_id')
    )
    op.create_table('drift_findings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('plan_id', sa.Text(), nullable=False),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('observed', JSON, nullable=False),
    sa.Column('found_at', MOMENT, server_default=NOW, nullable=False),
    sa.ForeignKeyConstraint(['plan_id'], ['migrations.plan_id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('drift_findings_of_plan', 'drift_findings', ['plan_id', 'id'], unique=False)


def downgrade():
    op.drop_index('drift_findings_of_plan', table_name='drift_findings')
    op.drop_table('drift_findings')
    op.drop_table('migration_steps')
    op.drop_table('migrations')
