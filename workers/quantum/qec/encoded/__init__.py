"""Logical circuits on patches of the rotated surface code: geometry, gates, sampling."""
