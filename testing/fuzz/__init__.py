"""Fuzzing inputs for parsers, used by tests and by campaigns."""
