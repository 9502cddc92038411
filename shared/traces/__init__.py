"""Distributed traces: spans of what becomes of jobs, sent to a collector of OpenTelemetry."""
