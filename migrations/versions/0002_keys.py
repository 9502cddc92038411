"""keys, the keys that seal them, and the audit log."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

NOW = sa.text('clock_timestamp()')
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table('keks',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='current', nullable=False),
    sa.Column('effect', sa.Text(), nullable=True),
    sa.Column('created_at', MOMENT, server_default=NOW, nullable=False),
    sa.Column('retired_at', MOMENT, nullable=True),
    sa.CheckConstraint("state IN ('current', 'retiring', 'retired')", name='kek_state_known'),
    sa.CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name='kek_end_is_dated'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('kek_in_use', 'keks', ['state'], unique=True, postgresql_where=sa.text("state = 'current'"))
    op.create_table('keys',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('label', sa.Text(), nullable=True),
    sa.Column('usage', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='active', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', MOMENT, server_default=NOW, nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('retired_at', MOMENT, nullable=True),
    sa.Column('destroyed_at', MOMENT, nullable=True),
    sa.CheckConstraint("usage IN ('sign', 'decrypt', 'decapsulate', 'audit', 'results', 'transport')", name='key_usage_known'),
    sa.CheckConstraint("state IN ('active', 'retired', 'destroyed')", name='key_state_known'),
    sa.CheckConstraint("(state = 'active') = (retired_at IS NULL)", name='key_retirement_is_dated'),
    sa.CheckConstraint("(state = 'destroyed') = (destroyed_at IS NOT NULL)", name='key_end_is_dated'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('keys_of_tenant', 'keys', ['tenant_id', sa.literal_column('id DESC')], unique=False)
    op.create_index('keys_of_own_use', 'keys', ['tenant_id', 'usage'], unique=True, postgresql_where=sa.text("usage IN ('audit', 'results', 'transport') AND state = 'active'"))
    op.create_table('key_versions',
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('algorithm', sa.Text(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('public_key_pem', sa.Text(), nullable=True),
    sa.Column('kek_id', sa.Text(), nullable=True),
    sa.Column('wrapped_dek', sa.LargeBinary(), nullable=True),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('seedless', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('effect', sa.Text(), nullable=True),
    sa.Column('created_at', MOMENT, server_default=NOW, nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('destroyed_at', MOMENT, nullable=True),
    sa.CheckConstraint("origin IN ('generated', 'imported')", name='key_origin_known'),
    sa.CheckConstraint("num_nulls(kek_id, wrapped_dek, sealed) = CASE WHEN destroyed_at IS NULL THEN 0 ELSE 3 END", name='key_destroyed_is_gone'),
    sa.ForeignKeyConstraint(['kek_id'], ['keks.id'], ),
    sa.ForeignKeyConstraint(['key_id'], ['keys.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key_id', 'version'),
    sa.UniqueConstraint('effect')
    )
    op.create_index('key_versions_of_kek', 'key_versions', ['kek_id'], unique=False, postgresql_where=sa.text('kek_id IS NOT NULL'))
    op.create_table('audit_log',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSON(astext_type=sa.Text()), nullable=False),
    sa.Column('previous', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'seq')
    )
    op.create_table('audit_heads',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.Column('key_version', sa.Integer(), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.Column('signed_at', MOMENT, server_default=NOW, nullable=False),
    sa.PrimaryKeyConstraint('tenant_id')
    )
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit log is only appended to'; END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)


def downgrade():
    op.drop_table('audit_heads')
    op.drop_table('audit_log')
    op.execute('DROP FUNCTION refuse_change()')
    op.drop_index('key_versions_of_kek', table_name='key_versions', postgresql_where=sa.text('kek_id IS NOT NULL'))
    op.drop_table('key_versions')
    op.drop_index('keys_of_own_use', table_name='keys', postgresql_where=sa.text("usage IN ('audit', 'results', 'transport') AND state = 'active'"))
    op.drop_index('keys_of_tenant', table_name='keys')
    op.drop_table('keys')
    op.drop_index('kek_in_use', table_name='keks', postgresql_where=sa.text("state = 'current'"))
    op.drop_table('keks')
