"""What tasks do with keys, certificates, envelopes, inventories and plans."""
