#!/usr/bin/env bash
# Builds liboqs with the algorithms of novacron/algorithms/liboqs.py as a shared library.
#
# usage: scripts/build_liboqs.sh PREFIX [SOURCE]
#   PREFIX  installation prefix: PREFIX/lib/liboqs.so. Set OQS_INSTALL_PATH=PREFIX for the workers and `novacron doctor`.
#   SOURCE  a git repository to clone instead of the project's own.
#
# Needs git, cmake, ninja and a C compiler. The wrapper of the same version is `pip install liboqs-python==0.16.*`.
set -euo pipefail

# 0.16.0. A commit's name is the checksum of all its files.
COMMIT=5a1a854b0dc9f2141bdc771c555ee60c37950183
ALGORITHMS=(
    KEM_kyber_{512,768,1024}
    KEM_hqc_{1,3,5}
    KEM_frodokem_{640,976,1344}_{aes,shake}
    KEM_classic_mceliece_{348864,460896,6688128,6960119,8192128}
    SIG_falcon_{512,1024}
    SIG_slh_dsa_pure_{sha2,shake}_{128,192,256}{s,f}
)

prefix=${1:?usage: scripts/build_liboqs.sh PREFIX [SOURCE]}
source=${2:-https://github.com/open-quantum-safe/liboqs}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git init -q "$work/liboqs"
git -C "$work/liboqs" fetch -q --depth 1 "$source" "$COMMIT"
git -C "$work/liboqs" checkout -q --detach FETCH_HEAD
test "$(git -C "$work/liboqs" rev-parse HEAD)" = "$COMMIT"

cmake -S "$work/liboqs" -B "$work/build" -G Ninja \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    -DBUILD_SHARED_LIBS=ON -DOQS_BUILD_ONLY_LIB=ON -DOQS_USE_OPENSSL=OFF \
    -DOQS_MINIMAL_BUILD="$(IFS=';'; echo "${ALGORITHMS[*]}")"
cmake --build "$work/build" --parallel "${JOBS:-$(nproc)}"
cmake --install "$work/build"
