"""extras of workers: optional parts that only some of them have."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None
serves = '0014'


def upgrade():
    op.add_column('workers', sa.Column('extras', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False))


def downgrade():
    op.drop_column('workers', 'extras')
