"""Task operations on keys, certificates, envelopes, inventories and plans."""
