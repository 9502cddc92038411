"""Documentation of records for `help` and editors: fields with meaning, limits and default."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import update_wrapper
from inspect import Parameter, Signature, cleandoc, get_annotations
from keyword import iskeyword
from textwrap import fill
from types import FunctionType, MethodType, NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Function = TypeVar("Function", bound=Callable[..., None])
WIDTH = 100
NAMES = {
    int: "whole number",
    float: "number",
    str: "text",
    bool: "true or false",
    dict: "mapping",
    Any: "any",
}
LIMITS = (("ge", "from {}"), ("gt", "above {}"), ("le", "to {}"), ("lt", "below {}"))
_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)


if TYPE_CHECKING:
    # mypy's plugin for pydantic reports a metaclass of our own as a conflict.
    from pydantic._internal._model_construction import ModelMetaclass

    Described = ModelMetaclass
else:

    class Described(type(BaseModel)):
        """Metaclass of records: members exclude pydantic's, and the docstring lists every field."""

        @property
        def __doc__(self) -> str:
            """The record's description and its fields."""
            return _documentation(self)

        @property
        def __signature__(self) -> Signature:
            """The fields; pydantic's would be inherited by records that are not built yet."""
            return _signature(self)

        @__signature__.setter
        def __signature__(self, _made: object) -> None:
            """Ignore the signature that pydantic makes when it builds the record."""

        def __dir__(self) -> list[str]:
            """Return the names of the project's own properties and methods, without pydantic's."""
            ours = [kind for kind in self.__mro__ if kind.__module__.partition(".")[0] != "pydantic"][:-1]
            public = {name for kind in ours for name in vars(kind) if not name.startswith(("_", "model_"))}
            return sorted((public - {"inline", "role", "needed_role"}) | {"__init__"})


class _Init:
    """An `__init__` whose signature, when read from a class, lists the class's fields."""

    def __init__(self, function: FunctionType) -> None:
        self._function = function

    def __get__(self, instance: object, owner: type) -> Any:
        if isinstance(instance, type):  # `inspect` does so since Python 3.13
            return MethodType(self._told(instance), instance)
        if instance is not None:
            return MethodType(self._function, instance)
        return self._told(owner)

    def _told(self, owner: type) -> FunctionType:
        """Return the function with the signature of a class's fields."""
        function = self._function
        if "__pydantic_fields__" not in vars(owner):  # the class is still being created
            return function
        shown = FunctionType(
            function.__code__, function.__globals__, function.__name__, None, function.__closure__
        )
        update_wrapper(shown, function)
        del shown.__wrapped__  # type: ignore[attr-defined]
        signature = _signature(owner)
        parameters = [Parameter("self", Parameter.POSITIONAL_ONLY), *signature.parameters.values()]
        shown.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return shown


def described(function: Function) -> Function:
    """Decorate the `__init__` of a base of records: its signature becomes that of each record's fields."""
    # Without the mark pydantic would call __init__ from model_validate, too: for a spec, submitters of a job
    # could then name files of the server to be read.
    function.__pydantic_base_init__ = True  # type: ignore[attr-defined]
    return cast(Function, _Init(cast(FunctionType, function)))


class _Shown:
    """A default, shown as in a job file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _fields(cls: Any) -> dict[str, FieldInfo]:
    """Return the fields: the record's own first, then the inherited ones."""
    own = get_annotations(cls)
    found: dict[str, FieldInfo] = vars(cls).get("__pydantic_fields__") or {}
    return dict(sorted(found.items(), key=lambda item: (item[0] == "kind", item[0] not in own)))


def _signature(cls: Any) -> Signature:
    fields = sorted(_fields(cls).items(), key=lambda item: not item[1].is_required())
    return Signature([_parameter(name, field) for name, field in fields])


def _parameter(name: str, field: FieldInfo) -> Parameter:
    default = Parameter.empty if field.is_required() else _Shown(_default(field))
    shown = field.alias or name
    if iskeyword(shown):  # such as `from`, which is invalid in a signature
        shown = name
    return Parameter(shown, Parameter.KEYWORD_ONLY, default=default)


def _default(field: FieldInfo) -> str:
    if field.default_factory is None:
        return repr(getattr(field.default, "name", field.default))
    made = None if field.default_factory_takes_validated_data else field.default_factory()  # type: ignore[call-arg]
    return "<from the other fields>" if made is None else repr(getattr(made, "name", made))


def _documentation(cls: Any) -> str:
    written = cleandoc(vars(cls).get("__doc__") or "")
    fields, described = _fields(cls), meanings(cls)
    if not fields:
        return written
    head, _, rest = written.partition("Attributes:\n")
    after = rest.partition("\n\n")[2]
    lines = [head.rstrip(), "", "Fields:"]
    for name, field in fields.items():
        default = "required" if field.is_required() else f"default {_default(field)}"
        lines.append(f"    {name}: {_takes(field.annotation, field.metadata)}; {default}")
        if described.get(name):
            text = fill(described[name], WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)
            lines.append(text)
    return "\n".join([*lines, *(["", after] if after else [])])


def about(cls: Any) -> str:
    """Return the description in a class's docstring, before its attributes."""
    return cleandoc(cls.__doc__ or "").partition("\n\nAttributes:\n")[0].partition("\n\nFields:\n")[0]


def meanings(cls: Any) -> dict[str, str]:
    """Return each attribute's description in the docstrings of a class and its bases; the nearest wins."""
    found: dict[str, str] = {}
    for kind in reversed(cls.__mro__):
        section = cleandoc(vars(kind).get("__doc__") or "").partition("Attributes:\n")[2].partition("\n\n")[0]
        found |= {name: " ".join(text.split()) for name, text in _ATTRIBUTE.findall(section)}
    return found


def _takes(annotation: Any, metadata: Any = ()) -> str:
    """Return the type of a field's values, with its limits, as text."""
    limits = list(_limits(metadata))
    if get_origin(annotation) is Annotated:
        inner, *rest = get_args(annotation)
        return _takes(inner, [*rest, *metadata])
    text = _kind(annotation)
    return " ".join([text, *limits]) if limits else text


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(map(repr, arguments))
    if origin in (Union, UnionType):
        inner = [_takes(one) for one in arguments if one is not NoneType]
        return " | ".join(dict.fromkeys([*inner, *(["None"] if NoneType in arguments else [])]))
    if origin is tuple or origin is list:
        each = [_takes(one) for one in arguments if one is not Ellipsis]
        return f"list of {each[0]}" if Ellipsis in arguments or origin is list else f"({', '.join(each)})"
    plain = origin or annotation
    return NAMES.get(plain) or str(getattr(plain, "__name__", plain))


def _limits(metadata: Any) -> Iterator[str]:
    flat = [one for item in metadata for one in getattr(item, "metadata", None) or (item,)]
    for attribute, words in LIMITS:
        for one in flat:
            bound = getattr(one, attribute, None)
            if isinstance(bound, int | float):
                yield words.format(f"{bound:,.0f}" if float(bound).is_integer() else f"{bound:g}")
    longest = next((one.max_length for one in flat if getattr(one, "max_length", None)), None)
    if longest:
        yield f"(at most {longest:,})"
