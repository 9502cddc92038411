"""Alembic's entry: runs the migrations on the connection or URL it is given."""

from alembic import context
from sqlalchemy import create_engine

from novacron.errors import BadInput
from shared.db.schema import Base
from shared.db.session import driver_url
from shared.settings import load


def _run(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
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
