#!/bin/sh
# usage: scripts/test.sh [arguments of pytest]
#
# All checks, then the tests in several processes, each of which first collects all tests. While types are checked on
# one processor, another one collects them: pytest caches the rewritten files beside the sources. The simulators'
# machine code for single precision is compiled then, too, since several processes would compile it at once.
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
