"""Cryptography through NovaCron compared with the bare libraries, alternating in one process."""
