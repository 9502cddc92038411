#!/usr/bin/env bash
# Fetches the programs of the optional tests from Debian 13 into a folder; nothing is installed: OpenSSL >= 3.5, an
# nginx that uses it, and Redis.
#
# usage: scripts/debian_programs.sh [PREFIX]
#   PREFIX  where they go, .venv/debian if not given: PREFIX/bin/openssl, PREFIX/bin/nginx and PREFIX/bin/redis-server.
#           Tests look there.
#
# Needs apt, dpkg and gpgv: Debian or Ubuntu. The packages' signatures are checked with Debian's keys.
set -euo pipefail

SUITE=trixie
PACKAGES=(libc6 libssl3t64 libcrypt1 libpcre2-8-0 zlib1g libzstd1 openssl nginx
    libatomic1 libcap2 libgcc-s1 libjemalloc2 liblzf1 libstdc++6 libsystemd0 redis-tools redis-server)
PROGRAMS=(usr/bin/openssl usr/sbin/nginx usr/bin/redis-server)

prefix=$(realpath -m "${1:-$(dirname "${BASH_SOURCE[0]}")/../.venv/debian}")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
test ! -x "$prefix/bin/redis-server" || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/{state/lists/partial,cache/archives/partial,etc/preferences.d,packages} "$prefix/bin"
echo "deb [signed-by=$keyring] http://deb.debian.org/debian $SUITE main" > "$work/etc/sources.list"
: > "$work/state/status"
apt=(apt-get -qq -o Acquire::Retries=5 -o Dir::Etc="$work/etc" -o Dir::State="$work/state" -o Dir::State::status="$work/state/status"
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)")
"${apt[@]}" update
(cd "$work/packages" && "${apt[@]}" download "${PACKAGES[@]}")
for package in "$work"/packages/*.deb; do
    dpkg-deb -x "$package" "$prefix"
done

# They need the C library they were built with, so its own loader starts them.
loader=$(find "$prefix" -name 'ld-linux-*.so.*' | head -1)
libraries=$(find "$prefix" -name 'libssl.so.3' -printf '%h\n' | head -1)
for program in "${PROGRAMS[@]}"; do
    script="$prefix/bin/${program##*/}"
    # Without its packages' configuration openssl would look for one on the machine.
    printf '#!/bin/sh\nOPENSSL_CONF=/dev/null exec "%s" --library-path "%s" "%s" "$@"\n' \
        "$loader" "$libraries" "$prefix/$program" > "$script.partial"
    chmod +x "$script.partial"
    mv "$script.partial" "$script"
done
"$prefix/bin/openssl" version
"$prefix/bin/nginx" -v
"$prefix/bin/redis-server" --version
