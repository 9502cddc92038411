"""devices of providers, as their workers last saw them."""

from alembic import op
import sqlalchemy as sa

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None
serves = '0014'


def upgrade():
    op.create_table(
        'watches',
        sa.Column('backend', sa.Text(), primary_key=True),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('refusal', sa.JSON(), nullable=True),
    )
    op.create_table(
        'watched_devices',
        sa.Column('backend', sa.Text(), primary_key=True),
        sa.Column('device', sa.Text(), primary_key=True),
        sa.Column('accepts', sa.Boolean(), nullable=False),
        sa.Column('status', sa.Text(), nullable=False),
        sa.Column('queue_length', sa.Integer(), nullable=True),
        sa.Column('calibration_id', sa.Text(), nullable=False),
        sa.Column('calibration', sa.JSON(), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    )


def downgrade():
    op.drop_table('watched_devices')
    op.drop_table('watches')
