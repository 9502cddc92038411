"""Keys, certificates, migration plans and the audit log as rows."""
