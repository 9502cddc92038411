"""certificates, revocation lists and OCSP responses."""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

NOW = sa.text('clock_timestamp()')
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table('certificates',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('issuer_id', sa.Text(), nullable=True),
    sa.Column('companion_of', sa.Text(), nullable=True),
    sa.Column('key_id', sa.Text(), nullable=True),
    sa.Column('key_version', sa.Integer(), nullable=True),
    sa.Column('algorithm', sa.Text(), nullable=False),
    sa.Column('serial', sa.Text(), nullable=False),
    sa.Column('ca', sa.Boolean(), nullable=False),
    sa.Column('not_after', MOMENT, nullable=False),
    sa.Column('der', sa.LargeBinary(), nullable=False),
    sa.Column('effect', sa.Text(), nullable=True),
    sa.Column('created_at', MOMENT, server_default=NOW, nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('revoked_at', MOMENT, nullable=True),
    sa.Column('revocation_reason', sa.Text(), nullable=True),
    sa.CheckConstraint('(key_id IS NULL) = (key_version IS NULL)', name='certificate_key_has_version'),
    sa.CheckConstraint('(revoked_at IS NULL) = (revocation_reason IS NULL)', name='certificate_revocation_has_reason'),
    sa.CheckConstraint('revoked_at IS NULL OR issuer_id IS NOT NULL', name='certificate_revoked_by_issuer'),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenants.id'], ),
    sa.ForeignKeyConstraint(['issuer_id'], ['certificates.id'], ),
    sa.ForeignKeyConstraint(['companion_of'], ['certificates.id'], ),
    sa.ForeignKeyConstraint(['key_id'], ['keys.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('effect')
    )
    op.create_index('certificates_of_tenant', 'certificates', ['tenant_id', sa.literal_column('id DESC')], unique=False)
    op.create_index('certificates_beside', 'certificates', ['companion_of'], unique=False, postgresql_where=sa.text('companion_of IS NOT NULL'))
    op.create_index('certificate_serial', 'certificates', ['issuer_id', 'serial'], unique=True)
    op.create_table('crls',
    sa.Column('issuer_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('der', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', MOMENT, nullable=False),
    sa.Column('next_update', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['issuer_id'], ['certificates.id'], ),
    sa.PrimaryKeyConstraint('issuer_id', 'number')
    )
    op.create_table('ocsp_responses',
    sa.Column('certificate_id', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('der', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', MOMENT, nullable=False),
    sa.Column('next_update', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificates.id'], ),
    sa.PrimaryKeyConstraint('certificate_id', 'hash')
    )


def downgrade():
    op.drop_table('ocsp_responses')
    op.drop_table('crls')
    op.drop_table('certificates')
