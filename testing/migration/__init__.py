"""Services of every kind to be migrated while they serve, killed at every effect, and judged by others."""
