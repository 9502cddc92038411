"""operators, expiry and revocation of tokens, and the roles that jobs and plans were submitted with."""

from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

KEYED = {'jobs': 'job_idempotent', 'migration_plans': 'migration_plan_idempotent'}


def upgrade():
    op.add_column('tokens', sa.Column('token_id', sa.Text(), nullable=True))
    op.execute("UPDATE tokens SET token_id = 'tok_' || left(upper(replace(gen_random_uuid()::text, '-', '')), 26)")
    op.alter_column('tokens', 'token_id', nullable=False)
    op.create_unique_constraint('tokens_token_id_key', 'tokens', ['token_id'])
    op.add_column('tokens', sa.Column('created_by', sa.Text(), server_default='', nullable=False))
    for name in ('last_used_at', 'revoked_at'):
        op.add_column('tokens', sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column('tokens', sa.Column('revoked_by', sa.Text(), nullable=True))
    op.drop_constraint('token_role_known', 'tokens')
    op.create_check_constraint('token_role_known', 'tokens', "role IN ('read', 'submit', 'admin', 'operator')")
    # The token that the installation registered at its first start keeps full rights.
    op.execute("""
        UPDATE tokens SET role = 'operator' WHERE id = (
          SELECT min(t.id) FROM tokens t JOIN tenants n ON n.id = t.tenant_id
          WHERE n.name = 'default' AND t.name = 'first' AND t.role = 'admin')
    """)
    for table, constraint in KEYED.items():
        op.add_column(table, sa.Column('role', sa.Text(), nullable=True))
        op.drop_constraint(constraint, table)
        op.create_unique_constraint(constraint, table, ['tenant_id', 'idempotency_key', 'role'])


def downgrade():
    for table, constraint in KEYED.items():
        op.drop_constraint(constraint, table)
        # A key used by two roles stays with the earlier one.
        op.execute(f"""
            UPDATE {table} SET idempotency_key = NULL WHERE id IN (
              SELECT id FROM (SELECT id, row_number() OVER (
                PARTITION BY tenant_id, idempotency_key ORDER BY created_at, id) AS place FROM {table}
                WHERE idempotency_key IS NOT NULL) twins WHERE place > 1)
        """)
        op.create_unique_constraint(constraint, table, ['tenant_id', 'idempotency_key'])
        op.drop_column(table, 'role')
    op.execute("UPDATE tokens SET role = 'admin' WHERE role = 'operator'")
    op.drop_constraint('token_role_known', 'tokens')
    op.create_check_constraint('token_role_known', 'tokens', "role IN ('submit', 'read', 'admin')")
    # Revoked tokens must not become valid again.
    op.execute("DELETE FROM tokens WHERE revoked_at IS NOT NULL")
    for name in ('revoked_by', 'revoked_at', 'last_used_at', 'created_by', 'token_id'):
        op.drop_column('tokens', name)
