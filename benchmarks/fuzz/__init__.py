"""A long run over the parsers, guided by the lines of code that an input reaches."""
