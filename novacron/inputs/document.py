"""Strict parsing of YAML and JSON: no duplicate keys, tags or alias bombs; every error has its location.

YAML scalars are typed by the JSON-like core schema of YAML 1.2, not that of 1.1: `1e-8` is a number, `no` and
`0110` are text.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import yaml

from novacron.errors import BadInput, nearest
from novacron.inputs.text import MAX_BYTES

MAX_DEPTH = 64
MAX_WEIGHT = 2 * MAX_BYTES
"""Limit on values and characters after expansion; only aliases make a document exceed it."""

Path = tuple[str | int, ...]
Place = tuple[int, int]

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_TEXT_TAG = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class Document:
    """The content of a file with locations.

    Attributes:
        value: plain Python data.
        places: (line, column), both from 1, of each key and list entry of the file by its path.
    """

    value: Any
    places: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place | None:
        """Return the location of the value at a path, or of the innermost existing element around it."""
        return next((self.places[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.places), None)


def path_of(field: str) -> Path:
    """Convert a field name to a path: `a.b[3]` is `("a", "b", 3)`."""
    return tuple(int(index) if index else name for name, index in _PART.findall(field))


def read_json(text: str, file: str | None = None) -> Any:
    """Return the value of a JSON text. NaN and infinities pass: validation names their field.

    Raises:
        BadInput: it is malformed, nested too deep or repeats a key.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"malformed JSON: {error.msg}", file=file, line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise BadInput("is nested too deep", file=file) from None
    except ValueError:  # the interpreter's limit of 4300 digits
        raise BadInput("malformed JSON: a number has too many digits", file=file) from None
    except BadInput as error:
        raise _placed(error, text, file) from None


def _placed(error: BadInput, text: str, file: str | None) -> BadInput:
    """Return the error for a repeated key with its location, found by parsing the JSON text as YAML."""
    try:
        read_yaml(text, file)
    except BadInput as same:
        if same.rule == error.rule:
            return same
    error.file = file
    return error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for position, key in enumerate(keys) if key in keys[:position])
        raise BadInput("the key is given twice", value=repeated)
    return value


def read_yaml(text: str, file: str | None = None) -> Document:
    """Return the value of a YAML text of one document, with the location of each key.

    Raises:
        BadInput: it is malformed, nested too deep, repeats a key, has tags, or expands beyond the limit.
    """
    builder = _Builder(file)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise BadInput(f"malformed YAML: {what}", file=file, line=line, column=column) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        rule = "malformed YAML: a character that cannot be printed"
        raise BadInput(rule, file=file, line=line, column=column) from None
    return Document(builder.value, builder.places)


def _events(text: str) -> Iterator[yaml.Event]:
    # libyaml takes UTF-8 only, so a lone surrogate must not reach it
    parser = _PARSER(text.encode("utf-8", "replace"))
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


@dataclass(slots=True)
class _Frame:
    """A collection being filled. `key` is where its next value goes; None where a key is expected."""

    value: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    weight_before: int
    key: str | None = None


def _place(event: yaml.Event) -> Place:
    mark = cast(yaml.Mark, event.start_mark)  # every event of a parser has a mark
    return mark.line + 1, mark.column + 1


class _Builder:
    """Builds data from parser events without recursion."""

    def __init__(self, file: str | None) -> None:
        self.value: Any = None
        self.places: dict[Path, Place] = {}
        self._file = file
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._weight = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse("must hold one document only", event)

    def _refuse(
        self, rule: str, event: yaml.Event, value: object = None, hint: str | None = None
    ) -> NoReturn:
        line, column = _place(event)
        raise BadInput(rule, file=self._file, line=line, column=column, value=value, hint=hint)

    def _weigh(self, weight: int, event: yaml.Event) -> None:
        self._weight += weight
        if self._weight > MAX_WEIGHT:
            self._refuse(f"aliases expand to more than {MAX_WEIGHT} values and characters", event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        weight = 1 + len(event.value)
        self._weigh(weight, event)
        if event.tag not in (None, "!", _TEXT_TAG):
            self._refuse("tags are not supported", event, value=event.tag)
        plain = event.implicit[0] and event.tag is None
        frame = self._frames[-1] if self._frames else None
        if frame and isinstance(frame.value, dict) and frame.key is None:
            self._take_key(frame, event)
            return
        value = self._typed(event) if plain else event.value
        if event.anchor:
            self._anchors[event.anchor] = (value, weight)
        self._put(value, event)

    def _take_key(self, frame: _Frame, event: yaml.ScalarEvent) -> None:
        key = event.value
        if key in frame.value:
            self._refuse("the key is given twice", event, value=key)
        frame.key = key
        self.places[(*frame.path, key)] = _place(event)

    def _typed(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.fullmatch(text):
            if len(text) > 400:
                self._refuse("has too many digits", event)
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        return float(text.replace(".", "")) if _SPECIAL.fullmatch(text) else text

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._weigh(1, event)
        if event.tag not in (None, "!"):
            self._refuse("tags are not supported", event, value=event.tag)
        if len(self._frames) >= MAX_DEPTH:
            self._refuse(f"is nested more than {MAX_DEPTH} deep", event)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._put(value, event)
        self._frames.append(_Frame(value, path, event.anchor, self._weight))

    def _close(self) -> None:
        frame = self._frames.pop()
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, self._weight - frame.weight_before + 1)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            known = nearest(event.anchor, self._anchors)
            hint = f"did you mean {known!r}?" if known else None
            self._refuse("the alias has no anchor before it", event, value=event.anchor, hint=hint)
        value, weight = self._anchors[event.anchor]
        self._weigh(weight, event)
        self._put(value, event)

    def _put(self, value: Any, event: yaml.Event) -> Path:
        """Put a value where the innermost collection expects one; return its path."""
        if not self._frames:
            self.value = value
            return ()
        frame = self._frames[-1]
        if isinstance(frame.value, list):
            path = (*frame.path, len(frame.value))
            self.places[path] = _place(event)
            frame.value.append(value)
            return path
        if frame.key is None:
            self._refuse("keys must be text", event)
        path, frame.key = (*frame.path, frame.key), None
        frame.value[path[-1]] = value  # type: ignore[index]
        return path
