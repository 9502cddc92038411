"""Services of every kind, migrated while they serve, killed at every effect, verified by other clients."""
