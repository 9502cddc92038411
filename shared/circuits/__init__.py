"""Conversion of OpenQASM to circuit records."""
