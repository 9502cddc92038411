"""`Record`, the base class of specs and their parts, and two kinds of discriminated unions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from novacron.specs.described import Described, described
from novacron.specs.refusal import FILES_STAY, bad_input, did_you_mean, refuse, refuse_choice
from novacron.specs.schema import describe

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Record(BaseModel, metaclass=Described):
    """A frozen mapping with exactly the declared keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    _filled: ClassVar[tuple[str, ...]] = ()
    """Required fields that a validator fills if they are missing or null."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add descriptions, and which fields may be omitted, to the schema."""
        schema = describe(cls, core, handler)
        found = handler.resolve_ref_schema(schema)
        if handler.mode == "validation" and cls._filled:
            found["required"] = [name for name in found["required"] if name not in cls._filled]
            for name in cls._filled:
                said = found["properties"][name].pop("description", None)
                given = {"anyOf": [found["properties"][name], {"type": "null"}]}
                found["properties"][name] = given | ({"description": said} if said else {})
        return schema

    @described
    def __init__(self, /, **data: Any) -> None:
        """Validate.

        Raises:
            BadInput: the data breaks a rule; it carries all the errors.
        """
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise bad_input(error, type(self)) from None


def named(known: Sequence[str], default: str | None = None) -> BeforeValidator:
    """Return a validator for `{"name": ..., options}` that accepts the bare name as well."""

    def check(value: object) -> object:
        if isinstance(value, str):
            value = {"name": value}
        if isinstance(value, Record):
            return value
        if not isinstance(value, Mapping):
            raise refuse("must be a name or a mapping with a name")
        name = value.get("name", default)
        if name is None:
            raise refuse("is required: one of " + ", ".join(known), at=("name",))
        if name not in known:
            raise refuse_choice(name, known, at=("name",))
        return {**value, "name": name}

    return BeforeValidator(check)


def by_name(value: object, key: str = "name") -> str | None:
    """Return the tag of `named` records: the name."""
    return value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)


def keyed(*known: str) -> BeforeValidator:
    """Return a validator for mappings discriminated by which of the known keys they contain."""

    def check(value: object) -> object:
        if isinstance(value, Record):
            return value
        if not isinstance(value, Mapping):
            raise refuse("must be a mapping with one of the keys " + ", ".join(known))
        present = [key for key in known if key in value]
        if not present:
            raise refuse("must have one of the keys " + ", ".join(known), hint=_key_hint(value, known))
        if len(present) > 1:
            raise refuse("must have only one of the keys " + ", ".join(present))
        return value

    return BeforeValidator(check)


def by_key(*known: str) -> Callable[[object], str | None]:
    """Return the discriminator of `keyed` records: the tag is the key."""

    def tag(value: object) -> str | None:
        held = value if isinstance(value, Mapping) else getattr(type(value), "model_fields", ())
        return next((key for key in known if key in held), None)

    return tag


def _key_hint(value: Mapping[Any, Any], known: Sequence[str]) -> str | None:
    if "file" in value:
        return FILES_STAY
    return next((hint for key in list(value)[:20] if (hint := did_you_mean(key, known))), None)
