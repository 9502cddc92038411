"""The API as `/openapi.json` describes it: asks its operations and checks what they answer."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

FREE = ("Result", "BillOfMaterials", "Problem")
"""Ends of the names of schemas whose objects may have more than the fields declared."""


class Described:
    """Asks operations by their templates; `answered` has those that did what was asked."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self._document: dict[str, Any] = http.get("/openapi.json").json()
        self.answered: set[tuple[str, str]] = set()
        self._components = deepcopy(self._document["components"])
        for name, schema in self._components["schemas"].items():
            if schema.get("additionalProperties") is True and not name.endswith(FREE):
                schema["additionalProperties"] = False

    @property
    def operations(self) -> set[tuple[str, str]]:
        """All that are described."""
        return {(method.upper(), path) for path, one in self._document["paths"].items() for method in one}

    def ask(
        self,
        method: str,
        template: str,
        at: Mapping[str, str] | None = None,
        *,
        wants: int = 200,
        **more: Any,
    ) -> Any:
        """What an operation answers: JSON as declared of it and nothing else, or the bytes of another type.

        Args:
            method: of HTTP.
            template: path of the operation as it is described.
            at: values of the path's variables.
            wants: status that the answer must have; 202 stands for 200 as well, the status of a job that has
                ended already.
            more: as for `httpx.Client.request`.
        """
        answer = self.http.request(method, template.format_map(at or {}), **more)
        status = answer.status_code
        assert status == wants or (status, wants) == (200, 202), f"{method} {template}: {answer.text[:2000]}"
        declared = self._document["paths"][template][method.lower()]["responses"][str(status)]["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        self.answered.add((method, template))
        if kind != "application/json":
            assert kind in declared, f"{method} {template}: {kind}"
            return answer.content
        schema = {**declared[kind]["schema"], "components": self._components}
        broken = [
            f"{'/'.join(map(str, one.instance_path))}: {one.message[:500]}"
            for one in Draft202012Validator(schema).iter_errors(answer.json())
        ]
        assert not broken, f"{method} {template}: " + "; ".join(broken)
        return answer.json()
