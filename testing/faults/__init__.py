"""Faults that the product must survive, injected into real processes by tests and by a benchmark."""
