"""Finding where cryptography is used: files, TLS servers, this installation and its key store.

No parser here keeps, returns or logs anything secret: of a private key it tells the algorithm, the size and
the fingerprint of the public half.
"""
