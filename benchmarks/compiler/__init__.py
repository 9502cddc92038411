"""Two-qubit gates of compiled circuits, against Qiskit."""
