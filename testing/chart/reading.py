"""What tests ask of rendered objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from testing.chart.rendering import Document

Container = dict[str, Any]
TEMPLATED = ("Deployment", "StatefulSet", "Job")


def of_kind(documents: Iterable[Document], *kinds: str) -> list[Document]:
    """The objects of some kinds."""
    return [one for one in documents if one["kind"] in kinds]


def named(documents: Iterable[Document], kind: str, ending: str) -> Document:
    """The one object of a kind whose name ends so."""
    [found] = [one for one in of_kind(documents, kind) if one["metadata"]["name"].endswith(ending)]
    return found


def pods(documents: Iterable[Document]) -> Iterator[tuple[str, Document]]:
    """Name of what starts each pod, and the pod: `metadata` and `spec`."""
    for one in documents:
        if one["kind"] == "Pod":
            yield one["metadata"]["name"], one
        elif one["kind"] in TEMPLATED:
            yield one["metadata"]["name"], one["spec"]["template"]


def containers(pod: Document) -> list[Container]:
    """Of a pod, those that run first among them."""
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def environment(container: Container) -> dict[str, Any]:
    """Its variables; what comes from elsewhere as the map that says whence."""
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container.get("env", ())}


def chosen_by(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a selector takes these labels."""
    expressions = selector.get("matchExpressions", ())
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        labels.get(one["key"]) in one["values"] for one in expressions
    )
