#!/bin/sh
# Style, types and layers; the tests come after.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

.venv/bin/ruff check --quiet .
.venv/bin/ruff format --quiet --check .
.venv/bin/mypy --no-error-summary
.venv/bin/lint-imports --no-logo >/dev/null || .venv/bin/lint-imports --no-logo
echo "check: style, types and layers hold"
