"""counts of error-correction experiments, by block of shots."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None
serves = '0014'


def upgrade():
    op.create_table(
        'qec_blocks',
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('stream', sa.Text(), nullable=False),
        sa.Column('first', sa.Integer(), nullable=False),
        sa.Column('last', sa.Integer(), nullable=False),
        sa.Column('errors', postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column('seconds', sa.Double(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
        sa.CheckConstraint('cardinality(errors) = last - first + 1', name='qec_block_is_whole'),
        sa.CheckConstraint('first >= 0', name='qec_block_is_placed'),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id']),
        sa.PrimaryKeyConstraint('tenant_id', 'stream', 'first', 'last'),
    )


def downgrade():
    op.drop_table('qec_blocks')
