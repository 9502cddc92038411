"""What the scheduler answers, one file a noun: dicts with typed attributes."""
