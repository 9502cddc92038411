"""Inventories as CycloneDX (ECMA-424), the cryptography bill of materials, and back."""
