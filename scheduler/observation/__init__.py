"""Metrics of the scheduler, exported to Prometheus."""
