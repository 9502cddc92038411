"""Quantum error correction: codes as annotated Stim circuits, decoders, sampling, stopping rules."""
