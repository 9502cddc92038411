"""How the client reaches the scheduler: where it is, what is said and heard, and by which connection."""
