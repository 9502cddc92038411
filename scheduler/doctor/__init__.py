"""Diagnosis of an installation: problems and their fixes."""
