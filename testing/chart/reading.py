"""Queries on rendered objects, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from testing.chart.rendering import Document

Container = dict[str, Any]
TEMPLATED = ("Deployment", "StatefulSet", "Job")


def of_kind(documents: Iterable[Document], *kinds: str) -> list[Document]:
    """Return the objects of some kinds."""
    return [one for one in documents if one["kind"] in kinds]


def named(documents: Iterable[Document], kind: str, ending: str) -> Document:
    """Return the one object of a kind whose name has this ending."""
    [found] = [one for one in of_kind(documents, kind) if one["metadata"]["name"].endswith(ending)]
    return found


def pods(documents: Iterable[Document]) -> Iterator[tuple[str, Document]]:
    """Yield the name of each pod's owner, and the pod: `metadata` and `spec`."""
    for one in documents:
        if one["kind"] == "Pod":
            yield one["metadata"]["name"], one
        elif one["kind"] in TEMPLATED:
            yield one["metadata"]["name"], one["spec"]["template"]


def containers(pod: Document) -> list[Container]:
    """Return a pod's containers, including init containers."""
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def environment(container: Container) -> dict[str, Any]:
    """Return a container's variables; those from references as the map of the reference."""
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container.get("env", ())}


def chosen_by(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Return whether a selector matches these labels."""
    expressions = selector.get("matchExpressions", ())
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(one["key"]) in one["values"] for one in expressions
    )
