#!/bin/sh
# usage: scripts/setup.sh [dev]
#
# Creates .venv with exactly the locked packages: the runtime packages and, with `dev`, those of the tests.
# Does nothing if that has been done. An environment that was set up for tests stays so.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME

python=.venv/bin/python
stamp=.venv/installed
lock=requirements.lock
if [ "${1:-}" = dev ] || [ "$(head -n 1 "$stamp" 2>/dev/null)" = requirements-dev.lock ]; then
    lock=requirements-dev.lock
fi
state() {
    echo "$lock"
    "$python" -VV
    cat requirements.lock requirements-dev.lock requirements-uv.lock pyproject.toml scripts/setup.sh
}

if [ -n "${PYTHON:-}" ] || ! scripts/find_python.sh "$python" >/dev/null 2>&1; then
    base=$(scripts/find_python.sh "${PYTHON:-}")
    if [ "$("$base" -VV)" != "$("$python" -VV 2>/dev/null)" ]; then
        echo "setup: making .venv with $("$base" -V)"
        "$base" -m venv --clear .venv
    fi
fi
if state 2>/dev/null | cmp -s - "$stamp"; then
    exit 0
fi

# Uses the uv on PATH, else its wheel, else pip: uv has no wheel for some machines.
with_uv() {
    uv=uv
    if ! uv --version >/dev/null 2>&1; then
        uv=.venv/bin/uv
        with_pip --require-hashes --only-binary :all: --requirement requirements-uv.lock >/dev/null 2>&1 || return 1
    fi
    "$uv" pip sync --quiet --python "$python" --require-hashes --only-binary :all: "$lock" &&
        "$uv" pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
}
with_pip() {
    "$python" -m pip install --quiet --disable-pip-version-check "$@"
}

echo "setup: installing the packages of $lock"
if ! with_uv; then
    echo "setup: not with uv, so with pip, which takes minutes"
    with_pip --require-hashes --only-binary :all: --requirement "$lock"
    with_pip --no-deps --no-build-isolation --editable .
fi

# Compile once here: the machine code of simulators and router, so that no job waits for it, and the packages'
# bytecode except their tests, since every process would otherwise compile it again if the environment forbids
# bytecode files.
echo "setup: compiling bytecode and the machine code of simulators and router"
"$python" -m workers.quantum.warm &
warm=$!
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$python" -m compileall -q -x '/tests/' "$site" >/dev/null || true  # some packages ship templates that do not compile
"$python" -m compileall -q novacron shared scheduler workers migrations >/dev/null || true
wait "$warm"
state >"$stamp"
echo "setup: done"
