"""Post-quantum migration: risk assessment, planning, and cryptography bills of materials."""
