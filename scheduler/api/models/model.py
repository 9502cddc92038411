"""`Model`, base class of the API's models; class docstrings supply the descriptions of fields."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from novacron.specs.schema import describe

Declared: TypeAlias = dict[int | str, dict[str, type[object] | str]]
"""Status -> FastAPI's keywords for responses with it: `model`, `description`."""


class Model(BaseModel):
    """A JSON object whose schema takes the descriptions of its fields from the docstring.

    Pydantic builds it at the first use: an API answers without having described itself.
    """

    model_config = ConfigDict(extra="allow", defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Add the fields' descriptions to the schema."""
        return describe(cls, core, handler)
