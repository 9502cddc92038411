"""Circuits with measurements, resets and conditions: their courses, outcomes and classical bits."""
