"""Circuits with known values, and a runner that samples stored distributions."""
