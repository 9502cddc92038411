"""Execution of migration plans: each step has a checkpoint, an effect, a proof, and a rollback."""
