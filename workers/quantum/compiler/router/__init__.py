"""Layout and routing: the search, and its kernel in machine code."""
