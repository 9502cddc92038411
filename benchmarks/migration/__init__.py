"""Forty services on loopback, migrated while they serve and killed at every effect."""
