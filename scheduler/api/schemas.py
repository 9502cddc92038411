"""JSON schemas of request bodies, generated from the models that validate them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from novacron.specs import Spec
from scheduler.api.body import MODELS, Taken

REFERENCE = "#/components/schemas/"
ENDING = "Input"
"""Suffix of request components' names, which would otherwise collide with those of responses."""


class Schemas:
    """Schemas of all bodies; shared parts are described once, as components."""

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        taken = {model for route in routes if (found := body_of(route)) for model in found.models}
        ordered = sorted(taken, key=lambda model: model.__name__)
        named, schemas = models_json_schema(
            [(model, "validation") for model in ordered],
            ref_template=f"{REFERENCE}{{model}}{ENDING}",
            schema_generator=_Generator,
        )
        self._parts: dict[str, JsonSchemaValue] = {
            f"{name}{ENDING}": one for name, one in schemas["$defs"].items()
        }
        self._names = {
            model: reference["$ref"].removeprefix(REFERENCE) for (model, _), reference in named.items()
        }
        for model, name in self._names.items():
            if issubclass(model, Spec):
                part = self._parts[name]
                telling = [field for field in ("kind", "operation") if field in part["properties"]]
                part["required"] = list(dict.fromkeys([*telling, *part.get("required", ())]))

    def of(self, route: APIRoute) -> JsonSchemaValue | None:
        """Return the schema of a route's body; None where it has none."""
        if (taken := body_of(route)) is None:
            return None
        inside = set(route.param_convertors)
        schemas = [self._without(model, taken.fixed | inside) for model in taken.models]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}

    def components(self, document: object) -> dict[str, JsonSchemaValue]:
        """Return the components that a document refers to."""
        found: dict[str, JsonSchemaValue] = {}
        waiting = [document]
        while waiting:
            for name in _references(waiting.pop()):
                if name in self._parts and name not in found:
                    found[name] = self._parts[name]
                    waiting.append(self._parts[name])
        return dict(sorted(found.items()))

    def _without(self, model: type[BaseModel], fields: frozenset[str] | set[str]) -> JsonSchemaValue:
        schema = self._parts[self._names[model]]
        if not fields:
            return {"$ref": f"{REFERENCE}{self._names[model]}"}
        properties = {name: one for name, one in schema["properties"].items() if name not in fields}
        required = [name for name in schema.get("required", ()) if name not in fields]
        return {**schema, "properties": properties, "required": required}


class _Generator(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: object) -> bool:
        """Omit titles: they would only repeat the name."""
        return False

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Use anyOf: members of a union that code discriminates may be indistinguishable to a schema."""
        generated = super().tagged_union_schema(schema)
        if "oneOf" in generated and "discriminator" not in generated:
            generated["anyOf"] = generated.pop("oneOf")
        return generated


def body_of(route: APIRoute) -> Taken | None:
    """Return what a route accepts as its body."""
    calls = (part.call for part in route.dependant.dependencies)
    return next((MODELS[call] for call in calls if call in MODELS), None)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(found := value.get("$ref"), str):
            yield found.removeprefix(REFERENCE)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
