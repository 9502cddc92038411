"""Server-side TLS: contexts, terminator, certificates of the embedded stack, and probing."""
