"""Reader for OpenQASM 2."""
