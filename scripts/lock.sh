#!/bin/sh
# usage: scripts/lock.sh [OPTION...]
#
# Writes requirements.lock (runtime packages), requirements-dev.lock (with the tests' packages), requirements-uv.lock
# (uv, which installs them) and requirements/NAME.lock (packages of an image, in the same versions) from
# pyproject.toml. Pins that are still valid are kept; `--upgrade`, or `--upgrade-package NAME`, takes newer ones. Then
# checks that each Python finds a wheel for every pin.
set -eu
cd "$(dirname "$0")/.."

uv=.venv/bin/uv
if ! [ -x "$uv" ]; then
    uv=$(command -v uv) || { echo "uv is neither in .venv nor on PATH: run make setup" >&2; exit 1; }
fi
compile() {
    "$uv" pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet "$@"
}

compile "$@" --group setup --output-file requirements-uv.lock
compile "$@" pyproject.toml --extra server --extra plot --extra otel --output-file requirements.lock
compile "$@" pyproject.toml --extra server --extra plot --extra otel --extra dev --constraint requirements.lock \
    --constraint requirements-uv.lock --output-file requirements-dev.lock
# Images have no command line: their processes are started as modules. Flower alone is a command of Celery's.
without() {
    for package in "$@"; do printf ' --no-emit-package %s' "$package"; done
}
ours=$(without markdown-it-py mdurl pygments rich shellingham typer)
celery=$(without click-didyoumean click-plugins click-repl prompt-toolkit wcwidth)
# PyMatching imports Matplotlib, and no process draws.
drawing=$(without contourpy fonttools)
# shellcheck disable=SC2086
{
    compile pyproject.toml --extra scheduler --extra otel --constraint requirements.lock $ours $celery \
        --output-file requirements/scheduler.lock
    compile pyproject.toml --extra worker --extra otel --constraint requirements.lock $ours $celery $drawing \
        --output-file requirements/worker.lock
    compile "$@" pyproject.toml --extra worker --extra chem --extra ibm --extra qec --extra otel --constraint \
        requirements.lock $ours $celery $drawing --output-file requirements/worker-full.lock
    compile pyproject.toml --extra flower --constraint requirements.lock $ours --output-file requirements/flower.lock
    compile "$@" pyproject.toml --extra worker --extra gpu --extra otel --constraint requirements.lock $ours $celery \
        $drawing --output-file requirements/worker-gpu.lock
}
for lock in requirements.lock requirements-dev.lock; do
    for version in 3.11 3.12 3.13 3.14; do
        "$uv" pip install --dry-run --quiet --target build/locked --python-version "$version" \
            --python-platform x86_64-manylinux_2_28 --require-hashes --only-binary :all: --requirement "$lock"
    done
done
