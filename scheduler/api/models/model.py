"""`Model`, the base of what is described here: the docstring says what each field means."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from novacron.specs.described import about, meanings


class Model(BaseModel):
    """A JSON object whose description takes the meanings of its fields from the docstring."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the fields."""
        described = handler(core)
        found = handler.resolve_ref_schema(described)
        found["description"] = about(cls)
        said = meanings(cls)
        for name, field in cls.model_fields.items():
            if name in said:
                found["properties"][field.alias or name]["description"] = said[name]
        return described
