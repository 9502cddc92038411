"""From circuits to what an engine runs: programs, flat arrays, gates of the standard library."""
