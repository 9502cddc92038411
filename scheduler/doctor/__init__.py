"""Diagnosis of an installation: problems and how to fix them."""
