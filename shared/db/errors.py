"""Exceptions of psycopg raised by PostgreSQL or its connections, for code that catches them."""

from psycopg.errors import (
    Error,
    InsufficientPrivilege,
    OperationalError,
    ReadOnlySqlTransaction,
    UniqueViolation,
)

__all__ = [
    "Error",
    "InsufficientPrivilege",
    "OperationalError",
    "ReadOnlySqlTransaction",
    "UniqueViolation",
    "one_line",
]


def one_line(error: Error) -> str:
    """Return the text of an error, which libpq spreads over several lines, on one line."""
    return " ".join(str(error).split())
