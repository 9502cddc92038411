"""What a quantum computer threatens: weighed, planned, and written as bills of materials."""
