"""sessions: calls of one program; results found by their content."""

from alembic import op
import sqlalchemy as sa

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None
serves = '0014'


def upgrade():
    op.create_table(
        'sessions',
        sa.Column('id', sa.Text(), primary_key=True),
        sa.Column('tenant_id', sa.Integer(), sa.ForeignKey('tenants.id'), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('run', sa.Integer(), nullable=False),
        sa.Column('idle_s', sa.Double(), nullable=False),
        sa.Column('opened_by', sa.Text(), nullable=False),
        sa.Column('n_calls', sa.Integer(), server_default='0', nullable=False),
        sa.Column(
            'created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False
        ),
        sa.Column(
            'last_call_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False
        ),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index(
        'sessions_of_tenant', 'sessions', ['tenant_id', sa.text('created_at DESC'), sa.text('id DESC')]
    )
    op.create_index('sessions_named', 'sessions', ['tenant_id', 'name'])
    op.add_column('jobs', sa.Column('session', sa.Text(), nullable=True))
    op.create_index(
        'jobs_of_session', 'jobs', ['session', 'position'], unique=True, postgresql_where=sa.text('session IS NOT NULL')
    )
    op.create_index(
        'jobs_answered', 'jobs', ['content_key'],
        postgresql_where=sa.text("content_key IS NOT NULL AND state = 'completed'"),
    )
    op.drop_index('jobs_listed', table_name='jobs')
    op.create_index(
        'jobs_listed', 'jobs', ['tenant_id', sa.text('created_at DESC'), sa.text('id DESC')],
        postgresql_where=sa.text('sweep IS NULL AND session IS NULL'),
    )


def downgrade():
    op.drop_index('jobs_listed', table_name='jobs')
    op.create_index(
        'jobs_listed', 'jobs', ['tenant_id', sa.text('created_at DESC'), sa.text('id DESC')],
        postgresql_where=sa.text('sweep IS NULL'),
    )
    for name in ('jobs_answered', 'jobs_of_session'):
        op.drop_index(name, table_name='jobs')
    op.drop_column('jobs', 'session')
    op.drop_table('sessions')
