"""Random circuits through every simulator, against a dense reference."""
