"""What planners and workers must know alike of circuits, Hamiltonians and backends."""
