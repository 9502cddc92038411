#!/usr/bin/env bash
# Downloads the programs for optional tests from Debian into a folder, without installing anything and without root:
# from Debian 13 OpenSSL >= 3.5, nginx, HAProxy and OpenSSH linked with it, Redis, and Prometheus with promtool; from the
# next release PostgreSQL 18.
#
# usage: scripts/debian_programs.sh [PREFIX]
#   PREFIX  target folder, by default .venv/debian: PREFIX/bin/openssl, PREFIX/bin/nginx and so on. Tests search there.
#
# Needs apt, dpkg and gpgv: Debian or Ubuntu. The packages' signatures are checked with Debian's keys.
set -euo pipefail

prefix=$(realpath -m "${1:-$(dirname "${BASH_SOURCE[0]}")/../.venv/debian}")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
! cmp -s "${BASH_SOURCE[0]}" "$prefix/fetched-by" || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch SUITE FOLDER PACKAGE...: unpacks packages into a folder of PREFIX.
fetch() {
    local suite=$1 folder=$prefix/$2 place=$work/$1 package
    shift 2
    mkdir -p "$place"/{state/lists/partial,cache/archives/partial,etc/preferences.d,packages} "$folder"
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian $suite main" > "$place/etc/sources.list"
    : > "$place/state/status"
    local apt=(apt-get -qq -o Acquire::Retries=5 -o Dir::Etc="$place/etc" -o Dir::State="$place/state"
        -o Dir::State::status="$place/state/status" -o Dir::Cache="$place/cache" -o APT::Sandbox::User="$(id -un)")
    "${apt[@]}" update
    (cd "$place/packages" && "${apt[@]}" download "$@")
    for package in "$place"/packages/*.deb; do
        dpkg-deb -x "$package" "$folder"
    done
}

# wrap FOLDER PROGRAM...: makes programs of a folder run with the C library they were built with, through its loader.
# Each is replaced by a script, since some start others in the same folder, or re-execute themselves by name.
wrap() {
    local folder=$prefix/$1 loader libraries program path
    shift
    loader=$(find "$folder" -name 'ld-linux-*.so.*' | head -1)
    libraries=$(find "$folder" -name 'libssl.so.3' -printf '%h\n' | head -1)
    for program in "$@"; do
        path=$folder/$program
        mv "$path" "$path.elf"
        # Without its package's configuration openssl would use the machine's.
        printf '#!/bin/sh\nOPENSSL_CONF=/dev/null exec "%s" --argv0 "%s" --library-path "%s" "%s" "$@"\n' \
            "$loader" "$path" "$libraries" "$path.elf" > "$path"
        chmod +x "$path"
        ln -sfn "$path" "$prefix/bin/${program##*/}"
    done
}

mkdir -p "$prefix/bin"
fetch trixie . libc6 libssl3t64 libcrypt1 libpcre2-8-0 zlib1g libzstd1 openssl nginx \
    libatomic1 libcap2 libgcc-s1 libjemalloc2 liblzf1 libstdc++6 libsystemd0 redis-tools redis-server \
    haproxy liblua5.4-0 libopentracing-c-wrapper0t64 libopentracing1 \
    openssh-server openssh-client libaudit1 libcap-ng0 libcom-err2 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 \
    libkeyutils1 libpam0g libselinux1 libwrap0 libwtmpdb0 libsqlite3-0 libedit2 libbsd0 libmd0 libtinfo6 libfido2-1 \
    libcbor0.10 libudev1 libnsl2 libtirpc3t64 prometheus promtool
fetch forky postgresql libc6 libssl3t64 zlib1g libzstd1 postgresql-18 postgresql-client-18 libpq5 libgcc-s1 libstdc++6 \
    libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libkeyutils1 libcom-err2 libicu78 libldap2 libsasl2-2 \
    liblz4-1 libnuma1 libpam0g libaudit1 libcap-ng0 libselinux1 libpcre2-8-0 libsystemd0 libcap2 liburing2 libuuid1 \
    libxml2-16 libxslt1.1 libedit2 libbsd0 libmd0 libtinfo6 liblzma5 tzdata
wrap . usr/bin/openssl usr/sbin/nginx usr/bin/redis-server usr/sbin/haproxy usr/sbin/sshd usr/bin/ssh usr/bin/ssh-keygen \
    usr/lib/openssh/sshd-session usr/lib/openssh/sshd-auth usr/bin/prometheus usr/bin/promtool
wrap postgresql usr/lib/postgresql/18/bin/{postgres,initdb,pg_ctl,psql}
"$prefix/bin/openssl" version
"$prefix/bin/nginx" -v
"$prefix/bin/redis-server" --version
"$prefix/bin/haproxy" -v | sed -n 1p
"$prefix/bin/ssh" -V
"$prefix/bin/postgres" --version
"$prefix/bin/promtool" --version | sed -n 1p
cp "${BASH_SOURCE[0]}" "$prefix/fetched-by"
