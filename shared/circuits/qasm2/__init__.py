"""OpenQASM 2."""
