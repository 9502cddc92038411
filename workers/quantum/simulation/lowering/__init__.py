"""Lowering of circuits to the input of engines: programs, flat arrays, gates of the standard library."""
