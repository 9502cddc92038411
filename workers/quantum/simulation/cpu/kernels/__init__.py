"""Compiled functions that act on one buffer of a state, written in vectors of eight numbers."""
