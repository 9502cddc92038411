"""indexes for reading the tasks of a job and the tokens of a tenant page by page."""

from alembic import op
import sqlalchemy as sa

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index('tasks_of_job', table_name='tasks')
    op.create_index('tasks_of_job', 'tasks', ['job_id', 'id'])
    op.create_index(
        'tokens_of_tenant', 'tokens', ['tenant_id', sa.text('created_at DESC'), sa.text('token_id DESC')]
    )


def downgrade():
    op.drop_index('tokens_of_tenant', table_name='tokens')
    op.drop_index('tasks_of_job', table_name='tasks')
    op.create_index('tasks_of_job', 'tasks', ['job_id'])
