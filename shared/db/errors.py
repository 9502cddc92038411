"""What PostgreSQL, or the way to it, may answer with: psycopg's exceptions, for those who catch them."""

from psycopg.errors import (
    Error,
    InsufficientPrivilege,
    OperationalError,
    ReadOnlySqlTransaction,
    UniqueViolation,
)

__all__ = ["Error", "InsufficientPrivilege", "OperationalError", "ReadOnlySqlTransaction", "UniqueViolation"]
