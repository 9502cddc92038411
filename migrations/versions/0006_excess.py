"""journal values without their objective's constant."""

from alembic import op
import sqlalchemy as sa

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('journal', sa.Column('excess', sa.Double(), nullable=True))


def downgrade():
    op.drop_column('journal', 'excess')
