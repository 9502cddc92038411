"""A provider for tests, a process on loopback with its own queue, and its backend."""
