"""Everything cryptographic: providers, the key store, certificates, inventories and migrations."""
