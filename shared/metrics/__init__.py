"""Prometheus metrics: one table of metrics, one tally per process, one page of text."""
