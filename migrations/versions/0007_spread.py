"""the shortest and the longest run of each shape."""

from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    for name in ('least_s', 'most_s'):
        op.add_column('runtimes', sa.Column(name, sa.Double(), nullable=True))


def downgrade():
    for name in ('least_s', 'most_s'):
        op.drop_column('runtimes', name)
