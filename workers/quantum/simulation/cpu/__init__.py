"""Programs run whole in machine code, on split real and imaginary parts, eight amplitudes at a time."""
