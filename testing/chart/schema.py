"""`values.schema.json`, generated from values.yaml: each key with the type of its default, no other keys.

What a default does not determine is defined here: allowed words, maps of Kubernetes types, settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from shared.queues import QUEUES
from shared.settings import RULES
from testing.chart.tools import CHART

Schema = dict[str, Any]
SLIPS = CHART / "files" / "slips.yaml"
ANY: Schema = {"type": "object"}
NAMES: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}}
OBJECTS: Schema = {"type": "array", "items": ANY}
TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
QUEUE: Schema = {"enum": list(QUEUES)}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
PLACE: Schema = {"type": ["integer", "string"]}
VARIABLES: Schema = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "additionalProperties": {
        "anyOf": [
            SCALAR,
            {
                "type": "object", "additionalProperties": False, "required": ["valueFrom"],
                "properties": {"valueFrom": ANY},
            },
        ]
    },
}  # fmt: skip
SECRETS: Schema = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "additionalProperties": {
        "type": "object", "additionalProperties": False, "required": ["name", "key"],
        "properties": {"name": {"type": "string"}, "key": {"type": "string"}},
    },
}  # fmt: skip
OF_THE_CHART = frozenset(
    "database_url redis_url key_prefix host port token_file queues concurrency data kek_file kek_url"
    " kek_token_file tls_mode tls_folder heartbeat_file flower_login_file backends_file pq_crypto_file"
    " metrics_port metrics_token metrics_token_file metrics_beside".split()
)
"""Settings derived from other values, which `settings` therefore rejects."""

KNOWN: dict[str, Schema] = {
    "settings": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: SCALAR | {"description": f"Must be {rule.words}."}
            for name, rule in sorted(RULES.items())
            if name not in OF_THE_CHART
        },
    },
    "backends": OBJECTS,
    "pqCrypto": ANY,
    "keyPrefix": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{0,64}$"},
    "scheduler.requiredQueues": {"type": ["array", "null"], "items": QUEUE},
    "scheduler.service.type": {"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
    "tls.mode": {"enum": ["", "hybrid", "pq-only"]},
    "workerDefaults.image": {"enum": ["worker", "workerGpu"]},
    "workerDefaults.autoscaling.kind": {"enum": ["none", "keda", "hpa"]},
    "workerDefaults.autoscaling.source": {"enum": ["postgresql", "prometheus"]},
    "workerDefaults.concurrency": {"type": "integer", "minimum": 1, "maximum": 4096},
    "workerDefaults.secretEnv": SECRETS,
    "workerDefaults.egress.ports": {"type": "array", "items": PORT, "minItems": 1},
    "networkPolicy.fqdn": {"enum": ["none", "cilium"]},
    "tracing.endpoint": {"type": "string", "pattern": "^(https?://.+)?$"},
    "tracing.sampler": {
        "enum": [
            "",
            "always_on",
            "always_off",
            "traceidratio",
            "parentbased_always_on",
            "parentbased_always_off",
            "parentbased_traceidratio",
        ]
    },
    "tracing.samplerArg": {"type": ["string", "number"]},
    "ingress.controller": {"enum": ["nginx", "traefik", "contour", "haproxy", "none"]},
    "extraObjects": {"type": "array", "items": {"type": ["object", "string"]}},
}
ENDINGS: dict[str, Schema] = {
    "maxUnavailable": PLACE,
    "port": PORT,
    "pullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]},
    "digest": {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
    "extraEnv": VARIABLES,
    "labels": TEXTS, "commonLabels": TEXTS, "annotations": TEXTS, "podAnnotations": TEXTS,
    "nodeSelector": TEXTS,
    "affinity": ANY, "resources": ANY, "podSecurityContext": ANY,
    "tolerations": OBJECTS, "extraVolumes": OBJECTS, "extraVolumeMounts": OBJECTS, "parentRefs": OBJECTS,
    "clients": OBJECTS, "monitoring": OBJECTS, "dns": OBJECTS, "to": OBJECTS,
    "interval": {"type": "string", "pattern": "^([0-9]+(ms|s|m|h))+$"},
}  # fmt: skip
"""Schemas by the last part of a key, wherever it occurs."""
TYPES: dict[type, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 0},
    str: {"type": "string"},
    list: NAMES,
}


def build() -> Schema:
    """Return the schema of values."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    whole = _of_map("", values)
    pool = _of_map("workerDefaults", values["workerDefaults"])
    pool |= {"type": ["object", "null"]}
    pool["properties"]["queue"] = QUEUE
    whole["properties"]["workerPools"] = {
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?$"},
        # null removes one of the chart's default pools.
        "additionalProperties": {"$ref": "#/definitions/pool"},
    }
    whole["properties"]["global"] = ANY  # set by Helm if the chart is a subchart
    whole["definitions"] = {"pool": pool}
    for path, meant in slips().items():
        _let_through(whole, path.split("."), meant)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart novacron",
        **whole,
    }


def slips() -> dict[str, str]:
    """Return common mistakes by their path, with the correct key."""
    found: dict[str, str] = yaml.safe_load(SLIPS.read_text())
    return found


def _of(path: str, default: object) -> Schema:
    if known := KNOWN.get(path) or ENDINGS.get(re.sub(r".*\.", "", path)):
        return known
    if isinstance(default, dict):
        return _of_map(path, default)
    return TYPES[type(default)]


def _of_map(path: str, default: Mapping[str, object]) -> Schema:
    inner = {name: _of(f"{path}.{name}" if path else name, value) for name, value in default.items()}
    return {"type": "object", "additionalProperties": False, "properties": inner}


def _let_through(schema: Schema, path: list[str], meant: str) -> None:
    """Let the schema accept a mistake, so that the templates reject it with a better message."""
    if path[0] == "workerPools":
        schema, path = schema["definitions"]["pool"], path[2:]
    for name in path[:-1]:
        schema = schema["properties"][name]
    schema["properties"][path[-1]] = {"description": f"Refused by the templates: it is {meant}."}
