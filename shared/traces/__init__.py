"""Distributed traces: spans of jobs, exported to an OpenTelemetry collector."""
