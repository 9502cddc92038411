"""`Answer`: a JSON document of the scheduler with typed attributes.

One class describes a document for both sides: in `/openapi.json`, and for users of the client. Importing it
does not import pydantic, which the command line does without; accessing the first typed attribute does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_type_hints

from novacron._text import on_one_line, printable, short

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema

LARGEST_TABLE = 100
"""Maximum number of rows shown in a notebook."""


class Answer(dict[str, Any]):
    """A JSON document as received: a dict whose declared fields are also typed attributes.

    A time is text in the document and a `datetime` as an attribute. A value of another type than declared
    (from a scheduler of another version) is returned as received. Subclasses declare fields by annotations; a
    field with the default None may be missing from the document. Reprs and rows of listings contain the
    fields in `shown`.
    """

    shown: ClassVar[tuple[str, ...]] = ()
    # Routes declare answers only to describe them: their schemas are built for `/openapi.json`, not at start.
    __pydantic_config__: ClassVar[dict[str, bool]] = {"defer_build": True}
    _optional: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, shown: tuple[str, ...] = ()) -> None:
        cls.shown = shown or cls.shown
        optional = [name for name, value in vars(cls).items() if value is None and name[0] != "_"]
        for name in optional:
            delattr(cls, name)
        cls._optional = cls._optional.union(optional)

    if not TYPE_CHECKING:  # type checkers must report undeclared attributes

        def __getattr__(self, name: str) -> Any:
            if name in fields(type(self)):
                if name in self:
                    return _typed(type(self), name, self[name])
                if name in self._optional:
                    return None
            raise AttributeError(f"{type(self).__name__} has no {name!r}", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *fields(type(self))]

    def __repr__(self) -> str:
        pairs = (f"{name}={short(self[name])}" for name in self.shown if self.get(name) is not None)
        return on_one_line(f"<{' '.join([type(self).__name__, *pairs])}>")

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{_cell(name)}</th><td>{_cell(self[name])}</td></tr>" for name in self)
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Declare the fields in the schema; the document itself is neither converted nor validated."""
        from pydantic_core import core_schema

        from novacron.specs.described import about, meanings

        said = meanings(cls)
        declared = {
            name: core_schema.typed_dict_field(
                handler.generate_schema(kind),
                required=name not in cls._optional,
                metadata={"pydantic_js_updates": {"description": said[name]}} if name in said else None,
            )
            for name, kind in fields(cls).items()
        }
        document = core_schema.typed_dict_schema(
            declared,
            extra_behavior="allow",
            cls_name=cls.__name__,
            ref=f"{cls.__module__}.{cls.__qualname__}",
            metadata={"pydantic_js_updates": {"description": about(cls)}},
        )
        return core_schema.no_info_wrap_validator_function(cls._received, document)

    @classmethod
    def _received(cls, value: Any, check: Callable[[Any], object]) -> Answer:
        if not isinstance(value, dict):
            check(value)  # raises for them
        return cls(value)


AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


class Listing(list[AnyAnswer]):
    """Answers of one class, in order; shown as a table in notebooks."""

    def _repr_html_(self) -> str:
        names = list(dict.fromkeys(name for one in self for name in one.shown))
        head = "".join(f"<th>{_cell(name)}</th>" for name in names)
        rows = "".join(self._rows(names))
        left = len(self) - LARGEST_TABLE
        more = f"<caption>and {left} more</caption>" if left > 0 else ""
        return f"<table>{more}<tr>{head}</tr>{rows}</table>"

    def _rows(self, names: list[str]) -> Iterator[str]:
        for one in self[:LARGEST_TABLE]:
            yield "<tr>" + "".join(f"<td>{_cell(one.get(name))}</td>" for name in names) + "</tr>"


@cache
def fields(kind: type[Answer]) -> dict[str, Any]:
    """Return name -> type of the fields of a class, inherited ones first."""
    inherited = get_type_hints(Answer)
    return {name: found for name, found in get_type_hints(kind).items() if name not in inherited}


def _typed(kind: type[Answer], name: str, value: Any) -> Any:
    """Convert a value to the declared type; return it as received if it cannot be converted."""
    if fields(kind)[name] is type(value):
        return value
    try:
        return _adapter(kind, name).validate_python(value)
    except ValueError:
        return value


@cache
def _adapter(kind: type[Answer], name: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(fields(kind)[name])


def _cell(value: Any) -> str:
    """Format a value for a table cell, with HTML escaped."""
    text = "" if value is None else value if isinstance(value, str) else short(value)
    return escape(printable(text[:1000]))
