"""Discovery of cryptography in use: files, TLS servers, this installation and its key store.

No parser here keeps, returns or logs secrets: of a private key it reports the algorithm, the size and the
fingerprint of the public key.
"""
