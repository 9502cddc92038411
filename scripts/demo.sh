#!/bin/sh
# Runs the demo on the embedded stack, after `scripts/setup.sh`.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
exec .venv/bin/python scripts/demo.py "$@"
