"""Validates objects against a version of Kubernetes: no unknown field, no unknown kind."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from testing.chart.rendering import Document
from testing.chart.tools import FETCHED, OWN_SCHEMAS

BASE = "https://kubernetes.io"


@cache
def _schema(path: Path) -> Any:
    return json.loads(path.read_text())


@cache
def _definitions(version: str) -> jsonschema_rs.Registry:
    shared = _schema(FETCHED / "schemas" / f"v{version}" / "_definitions.json")
    return jsonschema_rs.Registry([(f"{BASE}/api/_definitions.json", shared)])


@cache
def _validator(api_version: str, kind: str, version: str) -> jsonschema_rs.Validator | None:
    group, _, last = api_version.rpartition("/")
    own = OWN_SCHEMAS / f"{kind.lower()}-{group}-{last}.yaml"
    if own.exists():
        return jsonschema_rs.validator_for(yaml.safe_load(own.read_text()))
    # File names omit the domain: networking.k8s.io/v1 is networking-v1.
    short = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    file = FETCHED / "schemas" / f"v{version}" / f"{kind.lower()}-{short}.json"
    if group.partition(".")[2] not in ("", "k8s.io", "authorization.k8s.io") or not file.exists():
        return None
    return jsonschema_rs.validator_for(_schema(file), registry=_definitions(version))


@cache
def _faults(text: str, api_version: str, kind: str, version: str) -> tuple[str, ...]:
    validator = _validator(api_version, kind, version)
    if validator is None:
        return (
            f"Kubernetes {version} knows no {kind} of {api_version}, and deploy/helm/schemas has no schema",
        )
    return tuple(
        f"{'.'.join(map(str, error.instance_path))}: {error.message}"
        for error in validator.iter_errors(json.loads(text))
    )


def faults(document: Document, version: str) -> list[str]:
    """Return what a version of Kubernetes would reject in an object; unknown kinds are a fault."""
    name = f"{document['kind']}/{document['metadata']['name']}"
    found = _faults(json.dumps(document, sort_keys=True), document["apiVersion"], document["kind"], version)
    return [f"{name}: {fault}" for fault in found]
