"""A provider for tests, a process on loopback with a queue of its own, and the backend that goes to it."""
