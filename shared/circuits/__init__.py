"""OpenQASM in, circuit records out."""
