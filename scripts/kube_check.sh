#!/usr/bin/env bash
# The chart on an API server of Kubernetes, which judges what no schema says: installed, upgraded, rolled back and
# removed with every values file and both Helms (testing/chart/cluster.py).
#
# usage: scripts/kube_check.sh [FOLDER]
#   FOLDER  where the server is built and kept, by default ~/.cache/novacron-kube
#
# There is no package of the server. It is built from Debian's source of Kubernetes 1.20.2, the last one that contains
# it, with Debian's Go 1.19 and without downloads of modules: ten minutes and 4 GB once. Nothing is installed. Needs
# Debian or Ubuntu, make and openssl; the server has no controllers and no nodes, and listens on 127.0.0.1 alone.
set -euo pipefail

folder=$(realpath -m "${1:-${XDG_CACHE_HOME:-$HOME/.cache}/novacron-kube}")
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
work=$folder/build

# Sources and tools, unpacked into a folder.
fetch() {
    mkdir -p "$work"/{state/lists/partial,cache/archives/partial,etc/preferences.d,packages,source,tree,kubernetes}
    printf "%s [signed-by=$keyring] http://deb.debian.org/debian bookworm main\n" deb deb-src > "$work/etc/sources.list"
    : > "$work/state/status"
    local apt=(apt-get -qq -o Acquire::Retries=5 -o Dir::Etc="$work/etc" -o Dir::State="$work/state"
        -o Dir::State::status="$work/state/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)")
    "${apt[@]}" update
    (cd "$work/packages" &&
        "${apt[@]}" download golang-1.19-go golang-1.19-src etcd-server rsync libpopt0 libxxhash0)
    (cd "$work/source" && "${apt[@]}" source --download-only kubernetes)
    for package in "$work"/packages/*.deb; do
        dpkg-deb -x "$package" "$work/tree"
    done
    tar -C "$work/kubernetes" --strip-components=1 -xzf "$work"/source/kubernetes_*.orig.tar.gz
    # Links of the Go package are relative to /usr; its headers are asked for inside its own tree.
    local go=$work/tree/usr/lib/go-1.19
    for link in $(find "$go" "$go/pkg" -maxdepth 1 -type l); do
        local target
        target=$(realpath -m "$link")
        rm "$link"
        cp -r "$target" "$link"
    done
}

# Go 1.18 gave iteration over maps another signature; the reflect2 in this source has the former one, and the server
# dies at the first object of a kind that is defined at run time.
patch_reflect2() {
    cd "$work/kubernetes/vendor/github.com/modern-go/reflect2"
    sed -i -e 's/^func mapiterinit(.*/func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer, it *hiter)/' \
        -e 's|^\t// rest fields are ignored|\trest [6]unsafe.Pointer\n\tmore [4]uintptr|' unsafe_link.go
    sed -i 's/mapiterinit(type2.rtype, \*(\*unsafe.Pointer)(obj)),/started(type2.rtype, *(*unsafe.Pointer)(obj)),/' unsafe_map.go
    cat >> unsafe_map.go <<'GO'

func started(rtype, m unsafe.Pointer) *hiter {
	it := new(hiter)
	mapiterinit(rtype, m, it)
	return it
}
GO
}

build() {
    [ ! -x "$folder/bin/kube-apiserver" ] || return 0
    fetch
    (patch_reflect2)
    local tree=$work/tree
    cat > "$work/version" <<'END'
KUBE_GIT_COMMIT=debian
KUBE_GIT_TREE_STATE=archive
KUBE_GIT_VERSION=v1.20.2
KUBE_GIT_MAJOR=1
KUBE_GIT_MINOR=20
END
    PATH=$tree/usr/lib/go-1.19/bin:$tree/usr/bin:$PATH LD_LIBRARY_PATH=$tree/usr/lib/x86_64-linux-gnu \
        GOROOT=$tree/usr/lib/go-1.19 GOCACHE=$work/gocache GOFLAGS=-mod=vendor GOPROXY=off \
        KUBE_GIT_VERSION_FILE=$work/version nice -n 19 make -C "$work/kubernetes" WHAT=cmd/kube-apiserver
    mkdir -p "$folder/bin"
    cp "$tree/usr/bin/etcd" "$work"/kubernetes/_output/local/bin/linux/*/kube-apiserver "$folder/bin/"
    chmod -R u+w "$work"
    rm -rf "$work"
}

# Starts etcd and the server on an empty folder; sets KUBECONFIG.
serve() {
    local token
    token=$(openssl rand -hex 16)
    openssl genrsa -out "$data/key" 2048 2>/dev/null
    (umask 077 && echo "$token,admin,admin,system:masters" > "$data/tokens")
    "$folder/bin/etcd" --data-dir "$data/etcd" --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
        --listen-peer-urls "$peers" --initial-advertise-peer-urls "$peers" --initial-cluster "default=$peers" \
        > "$data/etcd.log" 2>&1 &
    "$folder/bin/kube-apiserver" --etcd-servers "$etcd" --cert-dir "$data/certificates" \
        --bind-address 127.0.0.1 --secure-port "$port" --token-auth-file "$data/tokens" --authorization-mode RBAC \
        --service-account-issuer https://localhost --service-account-key-file "$data/key" \
        --service-account-signing-key-file "$data/key" --disable-admission-plugins ServiceAccount \
        --feature-gates TTLAfterFinished=true > "$data/server.log" 2>&1 &
    export KUBECONFIG=$data/kubeconfig
    cat > "$KUBECONFIG" <<END
apiVersion: v1
kind: Config
current-context: check
contexts: [{name: check, context: {cluster: check, user: admin}}]
clusters: [{name: check, cluster: {server: "https://127.0.0.1:$port", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: $token}}]
END
    for _ in $(seq 120); do
        ! "$here/.venv/chart/kubectl" get --raw /readyz >/dev/null 2>&1 || return 0
        sleep 1
    done
    tail -n 20 "$data/etcd.log" "$data/server.log" >&2
    echo "kube-check: the server is not ready after two minutes" >&2
    return 1
}

build
data=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$data"' EXIT
port=$((20000 + RANDOM % 10000))
etcd=http://127.0.0.1:$((port + 1)) peers=http://127.0.0.1:$((port + 2))
serve
cd "$here"
.venv/bin/python -m testing.chart cluster
