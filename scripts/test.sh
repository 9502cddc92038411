#!/bin/sh
# usage: scripts/test.sh [arguments of pytest]
#
# All checks, then the tests in several processes, each of which reads all tests first. While types are checked on
# one processor, they are read on another one: what pytest makes of their files is kept beside these.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

.venv/bin/python -m pytest "$@" -n 0 --collect-only >/dev/null 2>&1 &
reading=$!
scripts/check.sh || { kill "$reading"; exit 1; }
wait "$reading" || true # the tests themselves say why
exec .venv/bin/python -m pytest -n auto --durations=20 "$@"
