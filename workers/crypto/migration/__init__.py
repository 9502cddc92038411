"""Carrying out migration plans: each step a checkpoint, an effect, a proof, and a way back."""
