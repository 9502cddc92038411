"""Noise models as channels: which errors follow which operations, for all simulators alike."""
