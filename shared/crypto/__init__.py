"""Cryptography code shared by scheduler and workers."""
