"""Additions to records' JSON schemas: field descriptions, and all types that validators accept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from novacron.specs.described import about, meanings

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Also:
    """Annotation of a field whose validator accepts further JSON types.

    Attributes:
        types: names of these types in JSON Schema.
    """

    types: tuple[str, ...]

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add the types to the field's schema."""
        schema = handler(core)
        if handler.mode != "validation":
            return schema
        return {"anyOf": [schema, *({"type": one} for one in self.types)]}


TEXT_TOO = Also(("string",))
NUMBER_TOO = Also(("number",))
LIST_TOO = Also(("array",))
TEXT_OR_NUMBER_TOO = Also(("string", "number"))
TEXT_OR_LIST_TOO = Also(("string", "array"))


def describe(cls: Any, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """Return a model's JSON schema, with field descriptions from its docstring."""
    described = handler(core)
    found = handler.resolve_ref_schema(described)
    found["description"] = about(cls)
    said = meanings(cls)
    for name, field in cls.model_fields.items():
        if name in said:
            found["properties"][field.alias or name]["description"] = said[name]
    return described
