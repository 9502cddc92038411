"""the last log lines of each job."""

from alembic import op
import sqlalchemy as sa

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'log_lines',
        sa.Column('job_id', sa.Text(), nullable=False),
        sa.Column('slot', sa.SmallInteger(), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.Column('body', sa.JSON(), nullable=False),
        sa.CheckConstraint('slot >= 0 AND slot < 200', name='log_lines_are_few'),
        sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('job_id', 'slot'),
    )


def downgrade():
    op.drop_table('log_lines')
