"""Installs, upgrades and rolls back the chart on an API server, with every Helm and every values file.

The server is that of `scripts/kube_check.sh`: Kubernetes 1.20 without controllers and nodes, so that no pod
starts. It refuses what schemas let through: names, ranges, immutable fields. The chart is for newer versions:
a copy is installed that does not ask for them and lacks the fields in `NEWER`, without PodDisruptionBudgets
and HorizontalPodAutoscalers, whose API versions this server does not have.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from testing.chart.matrix import files
from testing.chart.rendering import LONGEST_S, Document, documents
from testing.chart.tools import CHART, FETCHED, OWN_SCHEMAS, helms

NAMESPACE = "quantum"
LONGEST_NAME = "r" * 53
"""A release with the longest name that Helm permits."""
MISSING_KINDS = {"hpa"}
"""Values files whose point is a kind that the server lacks."""
NEWER = (
    ("Chart.yaml", r"kubeVersion: .*\n", ""),
    ("templates/scheduler.yaml", r"sleep: {seconds: 5}", 'exec: {command: [sleep, "5"]}'),
    ("templates/_pods.tpl", r" *matchLabelKeys: .*\n", ""),
)
"""Files of the chart, what is newer than the server there, and what stands in its place."""
OLDER: dict[str, Any] = {
    "scheduler": {"podDisruptionBudget": {"enabled": False}},
    "workerDefaults": {"podDisruptionBudget": {"enabled": False}},
}
"""Values for a server without policy/v1."""
CHANGED: dict[str, Any] = {
    "images": {"scheduler": {"tag": "next", "digest": ""}, "worker": {"tag": "next"}},
    "settings": {"lease_s": 45},
    "podAnnotations": {"example.org/changed": "yes"},
    "workerPools": {"more": {"queue": "cpu-sim"}},
}
"""What an upgrade changes: images, a setting, all pods, and one pool more."""


class Failed(Exception):  # noqa: N818 - what a check tells
    """A command failed; the text is its output."""


@dataclass(frozen=True)
class Release:
    """A release of the chart in the cluster.

    Attributes:
        chart: folder of the chart.
        name: name of the release.
        helm: program.
        values: values files that it has from the start.
    """

    chart: Path
    name: str
    helm: str
    values: tuple[Path, ...]

    def install(self) -> None:
        """Install it."""
        self._helm("install", self.name, str(self.chart), *self._chosen)

    def upgrade(self, *more: Path, helm: str = "") -> None:
        """Upgrade it with more values, maybe by another Helm."""
        arguments = ["upgrade", self.name, str(self.chart), *self._chosen]
        _run(helm or self.helm, *arguments, *(f"--values={file}" for file in more), *_PLACE)

    def rollback(self, revision: int) -> None:
        """Roll it back."""
        self._helm("rollback", self.name, str(revision))

    def uninstall(self) -> None:
        """Remove it."""
        self._helm("uninstall", self.name)

    def manifest(self) -> tuple[Document, ...]:
        """Return the objects of its current revision."""
        return documents(self._helm("get", "manifest", self.name))

    @cached_property
    def _chosen(self) -> tuple[str, ...]:
        return tuple(f"--values={file}" for file in self.values)

    def _helm(self, *arguments: str) -> str:
        return _run(self.helm, *arguments, *_PLACE)


_PLACE = (f"--namespace={NAMESPACE}",)


def check() -> Iterator[tuple[str, list[str]]]:
    """Yield each case's name and its faults."""
    with tempfile.TemporaryDirectory() as folder:
        chart, older, changed = _prepared(Path(folder))
        yield "a server that is too old", _refused(chart)
        copy = _for_this_server(chart, Path(folder) / "copy")
        for major, helm in helms().items():
            for file in files():
                if file.stem not in MISSING_KINDS:
                    release = Release(copy, f"{file.stem}-{major}", helm, (file, older))
                    yield f"{file.stem}, Helm {major}", _life(release, changed)
            longest = Release(copy, LONGEST_NAME, helm, (_file("full"), older))
            yield f"the longest name, Helm {major}", _life(longest, changed)
        yield "two releases in a namespace", _two(copy, older)
        yield (
            "from Helm 3 to Helm 4",
            _life(
                Release(copy, "moved", helms()["3"], (_file("full"), older)),
                changed,
                upgraded_by=helms()["4"],
            ),
        )


def _prepared(folder: Path) -> tuple[Path, Path, Path]:
    """Write values and the kinds of other projects; return the chart and the values files."""
    older, changed, kinds = folder / "older.yaml", folder / "changed.yaml", folder / "kinds.yaml"
    older.write_text(yaml.safe_dump(OLDER))
    changed.write_text(yaml.safe_dump(CHANGED))
    kinds.write_text(yaml.safe_dump_all(map(_definition, sorted(OWN_SCHEMAS.glob("*.yaml")))))
    _kubectl("create", "namespace", NAMESPACE)
    _kubectl("create", "-f", str(kinds), "--validate=false")
    _kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    return CHART, older, changed


def _definition(schema: Path) -> Document:
    """Return the definition of the kind that a schema describes."""
    told = yaml.safe_load(schema.read_text())["properties"]
    kind = told["kind"]["const"]
    group, _, version = told["apiVersion"]["const"].partition("/")
    singular = kind.lower()
    plural = f"{singular[:-1]}ies" if singular.endswith("y") else f"{singular}s"
    open_object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": open_object}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            # Demanded for groups below k8s.io; those kinds are used here only to be stored.
            "annotations": {"api-approved.kubernetes.io": "unapproved, for tests"},
        },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "singular": singular, "plural": plural},
            "versions": [served],
        },
    }


def _for_this_server(chart: Path, copy: Path) -> Path:
    """Copy the chart without what is newer than the server."""
    shutil.copytree(chart, copy)
    for name, newer, instead in NEWER:
        file = copy / name
        changed = re.sub(newer, instead, file.read_text())
        if changed == file.read_text():
            raise Failed(f"{name} has no {newer}: testing/chart/cluster.py replaces it for an old server")
        file.write_text(changed)
    return copy


def _refused(chart: Path) -> list[str]:
    """Check that each Helm refuses an older server by name and leaves nothing there."""
    found = []
    for major, helm in helms().items():
        try:
            Release(chart, f"old-{major}", helm, (_file("minimal"),)).install()
            found.append(f"Helm {major} installed")
        except Failed as refused:
            if "kubeVersion" not in str(refused):
                found.append(str(refused))
    return found + [f"left: {name}" for name in _all_objects()]


def _life(release: Release, changed: Path, *, upgraded_by: str = "") -> list[str]:
    """Take a release through all that Helm does with one; return what is not as rendered."""
    found: list[str] = []
    try:
        release.install()
        first = release.manifest()
        found += [f"installed: {fault}" for fault in _differences(first)]
        generations = _generations(first)
        release.upgrade()
        if _generations(first) != generations:
            found.append("an upgrade that changes nothing changes objects")
        release.upgrade(changed, helm=upgraded_by)
        second = release.manifest()
        found += [f"upgraded: {fault}" for fault in _differences(second)]
        found += [f"upgraded: left {name}" for name in _left(first, second)]
        release.rollback(1)
        found += [f"rolled back: {fault}" for fault in _differences(first)]
        found += [f"rolled back: left {name}" for name in _left(second, first)]
        release.uninstall()
        found += [f"uninstalled: left {name}" for name in _left(first + second, ())]
    except Failed as failed:
        found.append(str(failed))
    return found


def _two(chart: Path, older: Path) -> list[str]:
    """Install two releases side by side, and remove one of them."""
    one, two = (Release(chart, name, helms()["4"], (_file("full"), older)) for name in ("one", "two"))
    try:
        one.install()
        two.install()
        stays = two.manifest()
        one.uninstall()
        found = _differences(stays)
        two.uninstall()
    except Failed as failed:
        return [str(failed)]
    return found


def _file(stem: str) -> Path:
    return next(file for file in files() if file.stem == stem)


def _differences(rendered: tuple[Document, ...]) -> list[str]:
    """Return what was rendered and is not so on the server."""
    stored, found = _stored(rendered), []
    for one in rendered:
        name = _name(one)
        if name in stored:
            found += [f"{name}{fault}" for fault in _lacking(one, stored[name])]
        else:
            found.append(f"{name} is missing")
    return found


def _lacking(wanted: Any, live: Any, place: str = "") -> Iterator[str]:
    """Yield the places where something wanted is absent or different; the server may add defaults."""
    if isinstance(wanted, dict) and isinstance(live, dict):
        for key, value in wanted.items():
            if value is not None:
                yield from _lacking(value, live.get(key), f"{place}.{key}")
    elif isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        for index, pair in enumerate(zip(wanted, live, strict=True)):
            yield from _lacking(*pair, f"{place}[{index}]")
    elif wanted != live and (wanted or live):
        yield f"{place}: rendered {json.dumps(wanted)}, on the server {json.dumps(live)}"


def _left(before: tuple[Document, ...], after: tuple[Document, ...]) -> list[str]:
    """Return the names of objects that are on the server and no longer part of the release."""
    return sorted({_name(one) for one in before} & _stored(before).keys() - {_name(one) for one in after})


def _generations(rendered: tuple[Document, ...]) -> dict[str, int]:
    """Return by name how often the content of an object has changed."""
    stored = _stored(rendered)
    return {name: stored[name]["metadata"].get("generation", 0) for name in map(_name, rendered)}


def _name(one: Document) -> str:
    return f"{one['kind']}/{one['metadata']['name']}"


def _stored(rendered: tuple[Document, ...]) -> dict[str, Document]:
    """Return by name all objects on the server of the kinds that are rendered."""
    kinds = {f"{one['kind']}.{one['apiVersion'].rpartition('/')[0]}".rstrip(".") for one in rendered}
    listed = json.loads(_kubectl("get", ",".join(sorted(kinds)), "--output=json"))
    return {_name(one): one | _as_written(one) for one in listed["items"]}


def _as_written(one: Document) -> Document:
    """Return what the server keeps in another form: texts of Secrets."""
    if one["kind"] != "Secret":
        return {}
    return {"stringData": {key: b64decode(text).decode() for key, text in one.get("data", {}).items()}}


def _all_objects() -> list[str]:
    return _kubectl("get", "all,secrets,configmaps,networkpolicies", "--output=name").split()


def _kubectl(*arguments: str) -> str:
    return _run(str(FETCHED / "kubectl"), *arguments, *_PLACE)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, env=os.environ)
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} {command[1]}: {done.stderr.strip()[-2000:]}")
    return done.stdout
