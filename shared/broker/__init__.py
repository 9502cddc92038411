"""The only access to the broker: publishing ready tasks, and consuming messages in workers."""
