"""the oldest code that the schema supports, recorded beside its revision."""

from alembic import op
import sqlalchemy as sa

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None
serves = '0014'


def upgrade():
    op.create_table(
        'compatibility',
        sa.Column('one', sa.Boolean(), server_default=sa.text('true'), nullable=False),
        sa.Column('serves', sa.Text(), nullable=False),
        sa.CheckConstraint('one', name='compatibility_is_one_row'),
        sa.PrimaryKeyConstraint('one'),
    )


def downgrade():
    op.drop_table('compatibility')
