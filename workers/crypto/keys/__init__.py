"""The key store: private keys at rest, what wraps them, and who may end them."""
