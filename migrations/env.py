"""Alembic's entry: runs the migrations on the connection or URL it is given."""

from alembic import context
from sqlalchemy import create_engine, text

from novacron.errors import BadInput
from shared.db.migrate import PATIENCE
from shared.db.schema import Base
from shared.db.session import driver_url
from shared.settings import load

SERVES = text(
    "INSERT INTO compatibility (serves) VALUES (:serves) ON CONFLICT (one) DO UPDATE SET serves = :serves"
)
SAYS = "0015"
"""First migration that declares `serves`; it creates the table."""


def _record(ctx, heads, **_):
    """Record `serves` of the current head after each step, up or down."""
    for head in heads:
        if head >= SAYS:
            ctx.connection.execute(SERVES, {"serves": ctx.script.get_revision(head).module.serves})


def _run(connection):
    context.configure(connection=connection, target_metadata=Base.metadata, on_version_apply=_record)
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    _run(given)
else:
    try:
        url = load().database_url
    except BadInput as error:
        raise SystemExit(f"novacron: {error}") from None
    with create_engine(driver_url(url)).connect() as opened:
        _run(opened)
