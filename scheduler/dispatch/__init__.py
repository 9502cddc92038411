"""The leader's work: publish ready tasks as messages, and recover lost ones."""
