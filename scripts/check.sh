#!/bin/sh
# Checks style, dead code, types and layers; tests are separate.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

.venv/bin/ruff check --quiet .
.venv/bin/ruff format --quiet --check .
.venv/bin/python scripts/dead_code.py
(.venv/bin/lint-imports --no-logo >/dev/null || .venv/bin/lint-imports --no-logo) &
layers=$!
status=0
.venv/bin/mypy --no-error-summary || status=1
wait "$layers" || status=1
[ "$status" = 0 ] && echo "check: style, types and layers hold, and no code is dead"
exit "$status"
