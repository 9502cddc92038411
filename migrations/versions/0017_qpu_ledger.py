"""what tasks reserved and used of providers' devices, and notes of a submission."""

from alembic import op
import sqlalchemy as sa

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None
serves = '0014'


def upgrade():
    op.add_column('provider_jobs', sa.Column('notes', sa.JSON(), nullable=True))
    op.create_table(
        'qpu_ledger',
        sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('job_id', sa.Text(), nullable=False),
        sa.Column('tenant_id', sa.Integer(), nullable=False),
        sa.Column('backend', sa.Text(), nullable=False),
        sa.Column('device', sa.Text(), nullable=False),
        sa.Column('n_circuits', sa.Integer(), nullable=False),
        sa.Column('shots', sa.BigInteger(), nullable=False),
        sa.Column('reserved_s', sa.Double(), nullable=False),
        sa.Column('reserved_usd', sa.Double(), nullable=True),
        sa.Column('charged_s', sa.Double(), nullable=True),
        sa.Column('charged_usd', sa.Double(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
        sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('(settled_at IS NULL) = (charged_s IS NULL)', name='qpu_ledger_settled_has_a_charge'),
        sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id']),
        sa.PrimaryKeyConstraint('task_id'),
    )
    op.create_index('qpu_ledger_by_job', 'qpu_ledger', ['job_id'])
    op.create_index('qpu_ledger_by_tenant', 'qpu_ledger', ['tenant_id', 'at'])


def downgrade():
    op.drop_table('qpu_ledger')
    op.drop_column('provider_jobs', 'notes')
