"""Cryptography through NovaCron beside the bare libraries, taking turns in one process."""
