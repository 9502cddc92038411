"""The key store: private keys at rest, key-encryption keys, and checks before keys are destroyed."""
