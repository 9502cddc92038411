"""All tables together, for migrations and for whoever compares them with a database."""

from shared.db.crypto import certificate_tables, key_tables, plan_tables, step_tables
from shared.db.tables import Base

__all__ = ["Base", "certificate_tables", "key_tables", "plan_tables", "step_tables"]
