"""Errors of models, and conversion of pydantic's errors to `BadInput`."""

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from novacron.errors import BadInput, nearest, together

AnyModel = TypeVar("AnyModel", bound=BaseModel)
REFUSED = "novacron"
MAX_ERRORS = 100
FILES_STAY = "only the client reads files; send what the file holds"
_BOUNDS = {
    "greater_than": ("must be greater than", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than": ("must be less than", "lt"),
    "less_than_equal": ("must be at most", "le"),
}
_SIZES = {
    "too_short": ("must have at least", "min_length", "entries"),
    "too_long": ("must have at most", "max_length", "entries"),
    "string_too_short": ("must have at least", "min_length", "characters"),
    "string_too_long": ("must have at most", "max_length", "characters"),
}
_MEMBER = re.compile(r"int|str|constrained-\w+|[\w-]+\[.*\]", re.DOTALL)
"""Pydantic's names of the members of an untagged union, which are part of the location of their errors."""
_TYPES = {
    "int_type": "must be an integer",
    "float_type": "must be a number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "finite_number": "must be finite, not NaN or infinite",
    "missing": "is required",
    "invalid_key": "keys must be text",
    "string_unicode": "must be valid Unicode text",
}


def refuse(
    rule: str, *, at: Sequence[str | int] = (), value: object = None, hint: str | None = None
) -> PydanticCustomError:
    """Return the exception for a validator to raise.

    Args:
        rule: what is wrong.
        at: location below the value being validated.
        value: value to show instead of the whole value.
        hint: how to fix it.
    """
    context = {"rule": rule, "at": tuple(at), "value": value, "hint": hint}
    return PydanticCustomError(REFUSED, "{rule}", {key: _printable(part) for key, part in context.items()})


def passed_on(error: BadInput, at: Sequence[str | int]) -> PydanticCustomError:
    """Return the exception for a validator to raise for another check's error."""
    return refuse(error.rule, at=at, value=error.value, hint=error.hint)


def _printable(part: object) -> object:
    """Return text with lone surrogates escaped: pydantic renders texts as UTF-8."""
    return part.encode("utf-8", "backslashreplace").decode() if isinstance(part, str) else part


def refuse_choice(
    value: object, known: Sequence[str], *, at: Sequence[str | int] = ()
) -> PydanticCustomError:
    """Return the error for an unknown name, with the nearest known one."""
    return refuse("must be one of " + ", ".join(known), at=at, value=value, hint=did_you_mean(value, known))


def did_you_mean(word: object, known: Sequence[str]) -> str | None:
    """Return a hint with the nearest known word, None if none is near."""
    name = nearest(word, known)
    return f"did you mean {name!r}?" if name else None


def validated(
    model: type[AnyModel], data: object, *, context: Mapping[str, object] | None = None
) -> AnyModel:
    """Validate `data` as a model.

    Raises:
        BadInput: it breaks a rule of the model; the exception carries all the errors.
    """
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        raise bad_input(error, model) from None


def bad_input(error: ValidationError, model: type[BaseModel]) -> BadInput:
    """Combine all errors of a validation in one `BadInput`: the first, with the rest as its `others`.

    Unknown keys come first: a missing key beside them is usually the same mistake.
    """
    causes = _causes(error)
    causes = [one for one in causes if not _unfilled(one, causes, model)]
    details = sorted(causes, key=lambda detail: detail["type"] != "extra_forbidden")
    return together([_translate(detail, model) for detail in details[:MAX_ERRORS]])


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """Return the errors, without those of lists that are too short only because entries were refused."""
    details = error.errors(include_url=False)
    inside = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    rest = [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in inside]
    return list(_without_members(rest))


def _unfilled(missing: ErrorDetails, details: Sequence[ErrorDetails], model: type[BaseModel]) -> bool:
    """Return whether a key is missing only because what fills it is missing or was refused."""
    if missing["type"] != "missing":
        return False
    *beside, _ = missing["loc"]
    fields, owner = _walk(missing["loc"], model)
    filled = getattr(owner, "_filled", ())
    return fields[-1] in filled and any(
        [*other["loc"][: len(beside)]] == beside
        and other["type"] != "extra_forbidden"
        and (other["type"] != "missing" or other["loc"][-1] not in filled)
        for other in details
    )


def _without_members(details: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Yield the errors with those of the members of each untagged union reduced to what concerns the value.

    That is what a member found beyond the type, or else that the value has the type of none of them.
    """
    unions: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
    for detail in details:
        loc = detail["loc"]
        at = next((at for at, part in enumerate(loc) if _MEMBER.fullmatch(str(part))), len(loc))
        unions.setdefault(loc[:at], []).append(detail)
    for union, found in unions.items():
        at = len(union)
        if len({detail["loc"][at : at + 1] for detail in found}) < 2:
            yield from found
            continue
        wrong = [detail for detail in found if len(detail["loc"]) > at + 1 or detail["type"] not in _TYPES]
        for detail in wrong:
            yield {**detail, "loc": (*union, *detail["loc"][at + 1 :])}
        if not wrong:
            types = dict.fromkeys(_TYPES[detail["type"]].removeprefix("must be ") for detail in found)
            yield {**found[0], "loc": union, "type": "union", "msg": f"must be {' or '.join(types)}"}


def _translate(detail: ErrorDetails, model: type[BaseModel]) -> BadInput:
    fields, owner = _walk(detail["loc"], model)
    context: Mapping[str, Any] = detail.get("ctx", {})
    kind, value = detail["type"], detail["input"]
    if kind == REFUSED:
        at = [*fields, *context["at"]]
        shown = context["value"]
        if shown is None and not context["at"] and not isinstance(value, BaseModel | Mapping):
            shown = value
        return BadInput(context["rule"], field=field_path(at), value=shown, hint=context["hint"])
    field = field_path(fields)
    if kind == "missing":
        return BadInput(_TYPES[kind], field=field)
    if kind == "extra_forbidden":
        return BadInput("unknown key", field=field, hint=_key_hint(fields[-1], owner))
    return BadInput(_rule(kind, context, detail["msg"]), field=field, value=value, hint=_value_hint(detail))


def _rule(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"{words} {context[key]}"
    if kind in _SIZES:
        words, key, what = _SIZES[kind]
        return f"{words} {context[key]} {what}"
    if kind == "literal_error":
        return "must be one of " + ", ".join(_words(context))
    return _TYPES.get(kind, message[:1].lower() + message[1:])


def _words(context: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", str(context["expected"]))


def _value_hint(detail: ErrorDetails) -> str | None:
    kind, value = detail["type"], detail["input"]
    if kind == "literal_error":
        return did_you_mean(value, _words(detail["ctx"]))
    if kind == "string_type" and isinstance(value, int | float):
        return "put it in quotes"
    return None


def _key_hint(key: object, owner: type[BaseModel] | None) -> str | None:
    if key == "file":
        return FILES_STAY
    known = list(owner.model_fields) if owner else []
    return did_you_mean(key, known) or ("known keys: " + ", ".join(known) if known else None)


def field_path(parts: Sequence[str | int]) -> str | None:
    """Format `("hamiltonian", "terms", 3)` as `hamiltonian.terms[3]`; None for the document itself."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".") or None


def _walk(loc: Sequence[str | int], model: type[BaseModel]) -> tuple[list[str | int], type[BaseModel] | None]:
    """Return the location without union tags, and the model that owns its last key (None if unknown)."""
    fields: list[str | int] = []
    owner: type[BaseModel] | None = model
    tags: dict[str, type[BaseModel]] = {}
    for position, part in enumerate(loc):
        if isinstance(part, str) and part in tags:
            owner, tags = tags[part], {}
            continue
        fields.append(part)
        if isinstance(part, int) or position == len(loc) - 1:
            continue
        annotation = owner.model_fields[part].annotation if owner and part in owner.model_fields else None
        tags = dict(_tagged(annotation))
        owner = next(_models(annotation), None)
    return fields, owner


def _tagged(annotation: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield (tag, model) of every member of the discriminated unions inside an annotation."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        yield from ((one.tag, inner) for one in metadata if isinstance(one, Tag))
        annotation = inner
    if get_origin(annotation) in (Union, types.UnionType, tuple):
        for argument in get_args(annotation):
            yield from _tagged(argument)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation names outside of tagged unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        if not any(isinstance(one, Tag) for one in metadata):
            yield from _models(inner)
    else:
        for argument in get_args(annotation):
            yield from _models(argument)
