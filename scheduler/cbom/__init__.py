"""Inventories as CycloneDX 1.6 (ECMA-424), the cryptography bill of materials, and back."""
