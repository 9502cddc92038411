"""Circuits and observables as data: programs, Pauli sums, gates and their matrices."""
