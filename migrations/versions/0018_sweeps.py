"""sweeps: jobs that belong to another, with their coordinates; tags."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None
serves = '0014'


def upgrade():
    op.add_column('jobs', sa.Column('sweep', sa.Text(), nullable=True))
    op.add_column('jobs', sa.Column('position', sa.Integer(), nullable=True))
    op.add_column('jobs', sa.Column('coordinates', sa.JSON(), nullable=True))
    op.add_column('jobs', sa.Column('tags', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False))
    op.create_index(
        'jobs_of_sweep', 'jobs', ['sweep', 'position'], unique=True, postgresql_where=sa.text('sweep IS NOT NULL')
    )
    op.create_index(
        'jobs_of_sweep_state', 'jobs', ['sweep', 'state'], postgresql_where=sa.text('sweep IS NOT NULL')
    )
    op.create_index(
        'sweeps_unfinished', 'jobs', ['tenant_id'],
        postgresql_where=sa.text("kind = 'sweep' AND finished_at IS NULL"),
    )
    op.create_index(
        'jobs_listed', 'jobs', ['tenant_id', sa.text('created_at DESC'), sa.text('id DESC')],
        postgresql_where=sa.text('sweep IS NULL'),
    )
    op.create_index(
        'jobs_tagged', 'jobs', ['tags'], postgresql_using='gin', postgresql_where=sa.text("tags <> '{}'")
    )
    op.drop_index('jobs_unfinished', table_name='jobs')
    op.create_index(
        'jobs_unfinished', 'jobs', ['tenant_id', 'sweep'], postgresql_where=sa.text('finished_at IS NULL')
    )


def downgrade():
    op.drop_index('jobs_unfinished', table_name='jobs')
    op.create_index('jobs_unfinished', 'jobs', ['tenant_id'], postgresql_where=sa.text('finished_at IS NULL'))
    for name in ('jobs_tagged', 'jobs_listed', 'sweeps_unfinished', 'jobs_of_sweep_state', 'jobs_of_sweep'):
        op.drop_index(name, table_name='jobs')
    for name in ('tags', 'coordinates', 'position', 'sweep'):
        op.drop_column('jobs', name)
