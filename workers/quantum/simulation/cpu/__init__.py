"""Programs run in one compiled call, on separate real and imaginary arrays, eight amplitudes at a time."""
