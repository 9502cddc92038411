"""Shared knowledge of circuits, Hamiltonians and backends on which planners and workers must agree."""
