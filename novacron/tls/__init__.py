"""TLS 1.3 with post-quantum key exchange and signatures, over pyOpenSSL (extra `crypto`).

Python's own `ssl` can neither choose nor read the group of a connection before version 3.15.
"""
