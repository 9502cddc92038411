"""TLS on the server's side: contexts, terminator, certificates of the embedded stack, and probing."""
