"""The only door to the broker: publishing which tasks are ready, and how workers take messages."""
