"""From the command line to the answer, beside scripts written by hand: `python -m benchmarks.endtoend`."""
