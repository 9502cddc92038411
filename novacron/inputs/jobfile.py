"""Job files: .yaml, .yml and .json jobs and .qasm, .qasm3 circuits, parsed to specs."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from novacron.errors import BadInput, together
from novacron.inputs.document import Document, Place, path_of, read_yaml
from novacron.inputs.files import Files
from novacron.inputs.job_text import parsed
from novacron.inputs.text import read_text
from novacron.specs import Spec, parse_spec, spec_class
from novacron.specs.paths import assigned, split

Overrides = Mapping[str, str] | Sequence[str]


def read(path: str | Path, overrides: Overrides = ()) -> dict[str, Any]:
    """Return the canonical job that a file describes, ready to submit: see `load`."""
    return load(path, overrides).model_dump(mode="json")


def load(path: str | Path, overrides: Overrides = ()) -> Spec:
    """Return the spec that a file describes, with every file it names inlined: see `JobFile`.

    Raises:
        BadInput: something cannot be read or breaks a rule; it carries all the errors with their locations.
    """
    return JobFile(path, overrides).spec()


class JobFile:
    """A job file, with the locations of its fields and those of the files it names.

    Args:
        path: .yaml, .yml, .json, .qasm, .qasm2 or .qasm3; the paths in it are relative to it.
        overrides: dotted keys and values as YAML, which override the file: `{"optimizer.max_iterations":
            "50"}` or `["optimizer.max_iterations=50"]`. A number in a key is a list index.
        over: dotted keys and their values: the file is run for all of them, as a sweep.

    Raises:
        BadInput: the file cannot be read.
    """

    def __init__(
        self, path: str | Path, overrides: Overrides = (), over: Mapping[str, Any] | None = None
    ) -> None:
        self._path, self._changes = Path(path), _changes(overrides)
        self._over, self._is_swept = over or {}, False
        self._document = parsed(read_text(self._path), self._path)
        self._files = Files(self._path.parent)

    def spec(self) -> Spec:
        """Return the spec; a job without a name gets that of its file.

        Raises:
            BadInput: see `load`.
        """
        data = _override(self._document.value, self._changes)
        if self._over:
            data = self._swept(data)
        with self.blamed():
            model = spec_class(data)
            return parse_spec(model.inline({"name": _stem(self._path), **data}, self._files))

    def _swept(self, data: Any) -> Any:
        """Return a sweep of the job; a sweep gets the further axes."""
        if isinstance(data, dict) and data.get("kind") == "sweep":
            return {**data, "over": {**(data.get("over") or {}), **self._over}}
        self._is_swept = True
        return {"kind": "sweep", "job": data, "over": dict(self._over)}

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Add the file and line of the field to errors raised in the block, including the scheduler's."""
        try:
            with self._files.blamed():
                yield
        except BadInput as error:
            for one in error.all if self._is_swept else ():
                one.field = (one.field or "").removeprefix("job.") or None
            _locate(error, self._path, self._document, self._changes)
            places, field_of = self._document.places, self._files.field_of
            raise together(sorted(error.all, key=lambda one: _order(field_of(one), places))) from None


def _stem(path: Path) -> str | None:
    """Return the file's name if it is a valid job name."""
    name = path.stem[:200]
    return name if name.isprintable() and name.strip() else None


def _changes(overrides: Overrides) -> Mapping[str, str]:
    if isinstance(overrides, Mapping):
        return overrides
    for text in overrides:
        if "=" not in text:
            raise BadInput("must be key=value", field="--set", value=text)
    return {key.strip(): value for key, _, value in (text.partition("=") for text in overrides)}


def _override(data: Any, overrides: Mapping[str, str]) -> Any:
    for key, text in overrides.items():
        try:
            value = read_yaml(text).value
        except BadInput as error:
            raise BadInput(f"is not YAML: {error.rule}", field=key, value=text) from None
        data = assigned(data, split(key, "--set"), value, key)
    return data


def _locate(error: BadInput, path: Path, document: Document, overrides: Mapping[str, str]) -> None:
    """Add the job file, and the line of the field, to the errors that name no file yet."""
    if not document.places:
        document.places = _json_places(path)
    for one in error.all:
        field = one.field or ""
        if one.file is not None or any((field + ".").startswith(key + ".") for key in overrides):
            continue
        one.file = str(path)
        one.line, one.column = document.place(path_of(field)) or (None, None)


def _order(field: str, places: Mapping[tuple[str | int, ...], Place]) -> tuple[Place, bool, Place]:
    """Return the sort key of errors, which orders them by line.

    Missing keys come after wrong ones beside them, errors of the job itself last.
    """
    path, end = path_of(field), (sys.maxsize, 0)
    own = places.get(path)
    return places.get(path[:1], end), own is None, own or end


def _json_places(path: Path) -> dict[tuple[str | int, ...], Place]:
    """Return locations in a JSON file, parsed once more as YAML, which nearly contains JSON."""
    try:
        return read_yaml(read_text(path)).places if path.suffix.lower() == ".json" else {}
    except BadInput:
        return {}
