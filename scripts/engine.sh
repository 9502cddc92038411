#!/usr/bin/env bash
# A container engine on a bare Debian or Ubuntu, and substitutes for public images, under their names, where no registry
# is reachable: they test the Dockerfile and the wiring, not the public images.
#
# usage: scripts/engine.sh start|images|stop [FOLDER]
#   start   installs Debian's engine if there is none, starts a separate instance, downloads Compose and Buildx
#   images  imports python:3.12-slim, postgres:17 and redis:7, made from Debian and this machine's Python 3.12
#   stop    stops the engine; its folder is kept
#   FOLDER  data folder, outside of any build context; by default /var/lib/novacron-engine
#
# Use it with `DOCKER_HOST=unix://FOLDER/docker.sock DOCKER_CONFIG=FOLDER/config docker ...`. Needs root.
set -euo pipefail

action=${1:?usage: scripts/engine.sh start|images|stop [FOLDER]}
folder=${2:-/var/lib/novacron-engine}
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
export DOCKER_HOST=unix://$folder/docker.sock DOCKER_CONFIG=$folder/config DEBIAN_FRONTEND=noninteractive
docker=/usr/bin/docker

# Compose and Buildx from Debian 13: those of Debian 12 are not found by this engine's command.
plugins() {
    ! [ -x "$folder/config/cli-plugins/docker-compose" ] || return 0
    local work=$folder/fetched
    mkdir -p "$work"/{state/lists/partial,cache/archives/partial,etc/preferences.d,packages,tree} "$folder/config/cli-plugins"
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian trixie main" > "$work/etc/sources.list"
    : > "$work/state/status"
    local apt=(apt-get -qq -o Acquire::Retries=5 -o Dir::Etc="$work/etc" -o Dir::State="$work/state"
        -o Dir::State::status="$work/state/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)")
    "${apt[@]}" update
    (cd "$work/packages" && "${apt[@]}" download docker-compose docker-buildx)
    for package in "$work"/packages/*.deb; do
        dpkg-deb -x "$package" "$work/tree"
    done
    cp "$work"/tree/usr/libexec/docker/cli-plugins/* "$folder/config/cli-plugins/"
    rm -rf "$work"
}

start() {
    mkdir -p "$folder"
    if ! [ -x /usr/sbin/dockerd ] || ! command -v debootstrap >/dev/null || ! command -v strip >/dev/null; then
        apt-get -qq update
        RUNLEVEL=1 apt-get -qq install -y --no-install-recommends binutils docker.io debootstrap iptables  # starts no service
    fi
    plugins
    if ! $docker info >/dev/null 2>&1; then
        nohup nice -n 5 dockerd --data-root "$folder/root" --exec-root "$folder/exec" --pidfile "$folder/pid" \
            --host "$DOCKER_HOST" > "$folder/log" 2>&1 &
        for _ in $(seq 300); do
            ! $docker info >/dev/null 2>&1 || break
            sleep 0.5
        done
    fi
    $docker version --format 'engine {{.Server.Version}}'
    $docker compose version
}

debian() {
    [ -e "$folder/debian/usr/bin/dpkg" ] ||
        debootstrap --variant=minbase --include=ca-certificates bookworm "$folder/debian" http://deb.debian.org/debian
}

# copy NAME PACKAGE...: copies the Debian tree, adds packages, and the CA certificates that this machine trusts.
copy() {
    local tree=$folder/$1
    rm -rf "$tree"
    cp -ax "$folder/debian" "$tree"  # debootstrap may leave /proc mounted
    shift
    cp /etc/resolv.conf "$tree/etc/resolv.conf"
    chroot "$tree" apt-get -qq update
    chroot "$tree" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
    rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*.bin "$tree"/var/cache/apt/archives/*.deb
    rm -rf "$tree"/usr/share/{doc,man,locale,info}
    cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/ca-certificates.crt"
}

# import NAME TAG CHANGE...
import() {
    local tree=$folder/$1 tag=$2 changes=()
    shift 2
    for change in "$@"; do changes+=(-c "$change"); done
    tar -C "$tree" -c . | $docker import "${changes[@]}" - "$tag"
    rm -rf "$tree"
}

python_image() {
    copy python libssl3 libffi8 libsqlite3-0 libbz2-1.0 liblzma5 libreadline8 zlib1g libexpat1 libuuid1 tzdata
    local base version=3.12
    base=$("$("$here/find_python.sh" "${PYTHON:-}")" -c 'import sys; print(sys.base_prefix)')
    "$base/bin/python3" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" ||
        { echo "needs a Python $version: PYTHON=/path/to/python$version" >&2; exit 1; }
    tar -C "$base" --exclude=site-packages --exclude=test --exclude=__pycache__ --exclude=idlelib \
        --exclude='config-*' -c "bin/python$version" "lib/python$version" | tar -C "$folder/python/usr/local" -x
    mkdir -p "$folder/python/usr/local/lib/python$version/site-packages"
    cp -a "$base"/lib/libpython$version* "$folder/python/usr/local/lib/" 2>/dev/null || true
    # The public image is linked without symbols, and carries no bytecode.
    find "$folder/python/usr/local" -type f -name '*.so*' -exec strip --strip-unneeded {} +
    ln -s "python$version" "$folder/python/usr/local/bin/python3"
    ln -s "python$version" "$folder/python/usr/local/bin/python"
    chroot "$folder/python" ldconfig
    chroot "$folder/python" /usr/local/bin/python -m ensurepip >/dev/null
    find "$folder/python/usr/local" -name __pycache__ -prune -exec rm -rf {} +
    ln -sf "pip$version" "$folder/python/usr/local/bin/pip"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > "$folder/python/etc/pip.conf"
    import python python:3.12-slim 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' \
        'ENV LANG=C.UTF-8' 'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt' 'CMD ["python3"]'
}

# The part of the public image's entry point that Compose needs: a cluster in PGDATA, a user, a database, a password.
postgres_image() {
    copy postgres postgresql libnss-wrapper
    cat > "$folder/postgres/usr/local/bin/docker-entrypoint.sh" <<'END'
#!/bin/bash
set -eu
export PATH=/usr/lib/postgresql/15/bin:$PATH
export LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group
echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" > /tmp/passwd
echo "postgres:x:$(id -g):" > /tmp/group
if ! [ -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    initdb -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-host=scram-sha-256 --auth-local=trust >/dev/null
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    pg_ctl -w -o "-c listen_addresses=''" start >/dev/null
    createdb -U "$POSTGRES_USER" "$POSTGRES_DB"
    pg_ctl -w -m fast stop >/dev/null
fi
[ "${1#-}" = "$1" ] || set -- postgres "$@"
exec "$@"
END
    chmod +x "$folder/postgres/usr/local/bin/docker-entrypoint.sh"
    rm -rf "$folder"/postgres/var/lib/postgresql/15
    mkdir -p "$folder/postgres/run/postgresql" "$folder/postgres/var/lib/postgresql/data"
    chmod 1777 "$folder/postgres/run/postgresql" "$folder/postgres/var/lib/postgresql/data"
    ln -sf /usr/lib/postgresql/15/bin/{pg_isready,psql,postgres} "$folder/postgres/usr/local/bin/"
    echo "listen_addresses = '*'" >> "$folder/postgres/usr/share/postgresql/15/postgresql.conf.sample"
    import postgres postgres:17 'ENV PGDATA=/var/lib/postgresql/data' 'ENV LANG=C.UTF-8' \
        'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["postgres"]' 'VOLUME /var/lib/postgresql/data'
}

redis_image() {
    copy redis redis-server
    ln -sf /usr/bin/redis-server "$folder/redis/usr/local/bin/redis-server"
    import redis redis:7 'CMD ["redis-server"]'
}

case $action in
    start) start ;;
    images)
        debian
        [ -n "$($docker images -q python:3.12-slim)" ] || python_image
        [ -n "$($docker images -q postgres:17)" ] || postgres_image
        [ -n "$($docker images -q redis:7)" ] || redis_image
        $docker images
        ;;
    stop)
        [ ! -e "$folder/pid" ] || kill "$(cat "$folder/pid")"
        ;;
    *)
        echo "usage: scripts/engine.sh start|images|stop [FOLDER]" >&2
        exit 2
        ;;
esac
