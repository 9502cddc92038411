#!/bin/sh
# usage: scripts/find_python.sh [CANDIDATE]
#
# Prints a Python from 3.11 to 3.14 that can make virtual environments: the candidate if one is named, else the
# first found. 3.12 comes first: every package of the tests has a wheel for it.
set -eu

candidates() {
    for version in 3.12 3.13 3.14 3.11; do
        echo "python$version"
        for folder in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*; do
            echo "$folder/bin/python"
        done
    done
    echo python3
    echo python
}

# A name on PATH may be a shim without an interpreter, so every candidate is tested.
suits() {
    "$1" -c 'import sys, venv, ensurepip, ssl, sqlite3; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null
}

if [ -n "${1:-}" ]; then
    if suits "$1"; then
        "$1" -c 'import sys; print(sys.executable)'
        exit 0
    fi
    echo "$1 is no Python from 3.11 to 3.14 with the modules venv, ensurepip, ssl and sqlite3." >&2
    exit 1
fi
candidates | {
    while read -r candidate; do
        if suits "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            exit 0
        fi
    done
    echo "No Python from 3.11 to 3.14 with the module venv was found on PATH or under ~/.pyenv/versions." >&2
    echo "Install one (Debian and Ubuntu: the package python3-venv), or name it: make setup PYTHON=/path/to/python" >&2
    exit 1
}
