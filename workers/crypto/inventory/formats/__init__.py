"""The forms in which keys, certificates and encrypted data stand in files."""
