"""Noise models as channels: what strikes where, for every simulator alike."""
