"""Exceptions of psycopg raised by PostgreSQL or its connections, for code that catches them."""

from psycopg.errors import (
    Error,
    InsufficientPrivilege,
    OperationalError,
    ReadOnlySqlTransaction,
    UniqueViolation,
)

__all__ = ["Error", "InsufficientPrivilege", "OperationalError", "ReadOnlySqlTransaction", "UniqueViolation"]
