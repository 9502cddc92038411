"""events are numbered within their job, replacing transaction order; workers report their clocks."""

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('workers', sa.Column('clock_ahead_s', sa.Double(), nullable=True))
    op.add_column('events', sa.Column('ordinal', sa.Integer(), nullable=True))
    # Interrupted readers resume by the numbers they know, which follow the previous order.
    op.execute("""
        UPDATE events SET ordinal = numbered.ordinal
        FROM (SELECT id, row_number() OVER (PARTITION BY job_id ORDER BY xid, id) AS ordinal FROM events) numbered
        WHERE events.id = numbered.id
    """)
    op.drop_index('events_of_job', table_name='events')
    op.drop_column('events', 'xid')
    op.create_index('events_of_job', 'events', ['job_id', 'ordinal'], unique=True)
    op.create_index(
        'events_without_ordinal', 'events', ['job_id', 'id'], postgresql_where=sa.text('ordinal IS NULL')
    )


def downgrade():
    op.drop_column('workers', 'clock_ahead_s')
    op.drop_index('events_without_ordinal', table_name='events')
    op.drop_index('events_of_job', table_name='events')
    # 0 is below every running transaction: all events are visible, in id order.
    op.execute("ALTER TABLE events ADD COLUMN xid xid8 NOT NULL DEFAULT '0'")
    op.execute("ALTER TABLE events ALTER COLUMN xid SET DEFAULT pg_current_xact_id()")
    op.drop_column('events', 'ordinal')
    op.create_index('events_of_job', 'events', ['job_id', 'xid', 'id'])
