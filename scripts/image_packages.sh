#!/bin/sh
# The packages of one image, without the parts that no process of it uses: run by the Dockerfile.
#
# usage: scripts/image_packages.sh LOCK ROOT
#   LOCK  a lock file of requirements/
#   ROOT  what will be the root of the image; packages go to what Python takes for a user's own where PYTHONUSERBASE is
#         /opt/packages: NVIDIA's loader finds its libraries in such folders alone, not by PYTHONPATH
#
# Bytecode is made by one process, in sorted order: made by several, equal sources give unequal files.
# Files and folders get the time SOURCE_DATE_EPOCH.
set -eu

lock=$1
root=$2
folder=$root$(PYTHONUSERBASE=/opt/packages python3 -m site --user-site)

uv pip sync --quiet --python python3 --target "$folder" --require-hashes --only-binary :all: "$lock"
cd "$folder"

# Read by tests, compilers and type checkers alone; CuPy compiles kernels at run time, with its headers and CUDA's.
find . -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find . \( -path ./cupy -o -path ./nvidia \) -prune -o -type f \
    \( -name '*.pyi' -o -name '*.pyx' -o -name '*.px[di]' -o -name '*.[ach]' -o -name '*.[ch]pp' \) -exec rm {} +
rm -rf Crypto/SelfTest celery/contrib/testing numpy/_core/_simd.* numpy/_core/include sqlalchemy/testing
# Stim's code for processors without SSE2, where there is one with it.
[ -z "$(find . -path './stim/_stim_sse2*')" ] || rm -f stim/_stim_polyfill*
# Kernels for GPUs are CuPy's.
rm -rf numba/cuda
# PyMatching imports Matplotlib, and no process draws.
rm -rf mpl_toolkits
find . -path './matplotlib/mpl-data/*' -type d -prune -exec rm -rf {} +
# The parser of OpenQASM 3 is there once for each version of ANTLR's runtime, of which one is installed.
antlr=$(find . -name 'antlr4_python3_runtime-*.dist-info' | sed -E 's/.*-([0-9]+)\.([0-9]+).*/_\1_\2/')
[ -z "$antlr" ] || find openqasm3/_antlr -mindepth 1 -name '_4_*' ! -name "$antlr" -prune -exec rm -rf {} +
# The simulator's kernels are its own: of CUDA they need the runtime and one of the compiler's two builds. CuPy does
# without Thrust, which sorts arrays.
for library in cublas cufft curand cusolver cusparse nvjitlink; do
    rm -rf "nvidia/$library"
done
rm -f nvidia/cuda_nvrtc/lib/*.alt.so.* cupy/cuda/thrust.*.so

# Symbols that only debuggers and linkers read. Not those of libraries that came into a wheel by auditwheel: what it
# moved in them, `strip` would misalign.
find . -name '*.libs' -prune -o -type f -name '*.so*' -exec strip --strip-unneeded {} +

python3 -m compileall -q -s "$root" -p / --invalidation-mode unchecked-hash "$folder"
find "$root" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
