"""Keys, certificates, migration plans and the audit log in the database."""
