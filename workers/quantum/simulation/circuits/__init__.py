"""Circuits with measurements, resets and conditionals: their histories, outcomes and classical bits."""
