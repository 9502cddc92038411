#!/bin/sh
# Prints a Python >= 3.11 that can make virtual environments. 3.12 and 3.11 come first: a Redis server can
# be installed from wheels for them.
set -eu

candidates() {
    if [ -n "${PYTHON:-}" ]; then echo "$PYTHON"; fi
    for version in 3.12 3.11 3.13 3.14 3.15; do
        echo "python$version"
        for folder in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*; do
            echo "$folder/bin/python"
        done
    done
    echo python3
    echo python
}

# A name on PATH may be a shim that runs nothing, so every candidate has to prove itself.
suits() {
    "$1" -c 'import sys, venv, ensurepip, ssl, sqlite3; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

candidates | {
    while read -r candidate; do
        if suits "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            exit 0
        fi
    done
    echo "No Python 3.11 or newer with the venv module was found on PATH or under ~/.pyenv/versions." >&2
    echo "Install one (3.12 is best), or name it: make PYTHON=/path/to/python setup" >&2
    exit 1
}
