"""Random OpenQASM programs, a dense reference that runs them, and their comparison with the simulators."""
