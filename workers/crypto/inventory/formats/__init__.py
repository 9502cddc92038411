"""File formats of keys, certificates and encrypted data."""
