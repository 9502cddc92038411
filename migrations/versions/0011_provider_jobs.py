"""jobs that tasks may have in providers' queues."""

from alembic import op
import sqlalchemy as sa

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'provider_jobs',
        sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('job_id', sa.Text(), nullable=False),
        sa.Column('queue', sa.Text(), nullable=False),
        sa.Column('backend', sa.Text(), nullable=False),
        sa.Column('device', sa.Text(), nullable=False),
        sa.Column('tag', sa.Text(), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('provider_job', sa.Text(), nullable=True),
        sa.Column(
            'submitting_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False
        ),
        sa.Column('cancelling_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('task_id'),
    )
    op.create_index(
        'provider_jobs_open', 'provider_jobs', ['queue'], postgresql_where=sa.text('closed_at IS NULL')
    )


def downgrade():
    op.drop_table('provider_jobs')
