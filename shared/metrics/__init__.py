"""What processes count and tell Prometheus: one table of metrics, one tally a process, one page of text."""
