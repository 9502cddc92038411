#!/bin/sh
# usage: scripts/test.sh [arguments of pytest]
#
# All checks, then the tests in several processes, each of which reads all tests first. While types are checked on
# one processor, they are read on another one: what pytest makes of their files is kept beside these. So is the
# simulators' machine code for single precision, which several processes would compile at once.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

ahead() {
    .venv/bin/python -m pytest "$@" -n 0 --collect-only
    .venv/bin/python -c 'from workers.quantum import warm; warm.announce(print, "single")'
}
ahead "$@" >/dev/null 2>&1 &
ahead=$!
scripts/check.sh
wait "$ahead" || true # the tests themselves say why
exec .venv/bin/python -m pytest -n auto --durations=20 "$@"
