"""Classical values of circuits: known at read time, or computed while the circuit runs."""
