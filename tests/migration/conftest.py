"""A database without a schema."""

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def empty(postgres_server) -> Iterator[str]:
    """The URL of a database without a schema."""
    postgres_server.ensure()
    with psycopg.connect(postgres_server.server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE unmigrated")
    url = postgres_server.address("unmigrated")
    yield url
    postgres_server.drop(url)
