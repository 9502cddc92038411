"""The runtime of all tasks: claim, perform, record. It knows operations only by name."""
