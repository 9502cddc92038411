"""From command line to result, compared with hand-written scripts: `python -m benchmarks.endtoend`."""
