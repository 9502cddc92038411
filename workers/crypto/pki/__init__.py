"""A certification authority over the key store: certificates, revocation lists and OCSP responses."""
