"""Random circuits through every simulator, compared with a dense reference."""
