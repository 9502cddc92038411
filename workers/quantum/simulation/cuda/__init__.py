"""State vectors on a CUDA device: flat programs on tiles in shared memory, in CUDA C++, launched by CuPy."""
