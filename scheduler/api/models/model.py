"""`Model`, the base of what is described here: the docstring says what each field means."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from novacron.specs.schema import describe

Declared: TypeAlias = dict[int | str, dict[str, type[object] | str]]
"""Status -> what FastAPI is told of answers with it: `model`, `description`."""


class Model(BaseModel):
    """A JSON object whose description takes the meanings of its fields from the docstring."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the fields."""
        return describe(cls, core, handler)
