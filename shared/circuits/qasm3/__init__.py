"""OpenQASM 3: a reader that interprets the program, and a writer for records."""
