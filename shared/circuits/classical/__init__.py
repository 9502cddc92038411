"""Classical values of circuits: known when the text is read, or computed while the circuit runs."""
