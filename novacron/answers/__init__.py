"""Documents returned by the scheduler, one file per noun: dicts with typed attributes."""
