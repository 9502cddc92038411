"""Keys, certificates, envelopes, inventories and migrations over HTTP."""
