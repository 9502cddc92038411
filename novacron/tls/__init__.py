"""TLS 1.3 with post-quantum key exchange and signatures, over pyOpenSSL (extra `crypto`).

Python's own `ssl` cannot select or report a connection's group before version 3.15.
"""
