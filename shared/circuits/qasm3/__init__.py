"""OpenQASM 3: its statements followed while a program is read, and records written as its text."""
