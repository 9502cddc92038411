"""Inlining of the files that a job names."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, wraps
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from novacron.errors import BadInput, nearest, together
from novacron.inputs.job_text import CIRCUIT_SUFFIXES, parsed
from novacron.inputs.text import LISTED_FILES, read_text

if TYPE_CHECKING:
    from novacron.inputs.document import Place
    from novacron.inputs.graphs.listing import Weight

UNREAD: Final = object()
"""Placeholder in a job for a value refused before validation; no field accepts it."""
NOISE_SUFFIXES = (".yaml", ".yml", ".json")
TABLE_SUFFIXES = (".csv", ".json", ".yaml", ".yml")


Reader = Callable[["Files", Any, str], Any]


@dataclass
class _Origin:
    """The file that a field came from, and the keys beside `file`, which did not."""

    file: str
    text: str
    beside: frozenset[str]

    @cached_property
    def places(self) -> "dict[tuple[str | int, ...], Place]":
        """The locations in a JSON or YAML file; JSON is parsed as YAML here."""
        from novacron.inputs.document import read_yaml

        if not self.file.lower().endswith((".json", ".yaml", ".yml")):
            return {}
        try:
            return read_yaml(self.text).places
        except BadInput:
            return {}


def collected(reader: Reader) -> Reader:
    """Decorate a reader of a field: collect its errors until the end of `Files.blamed`, and continue."""

    @wraps(reader)
    def read(files: "Files", value: Any, field: str) -> Any:
        try:
            return reader(files, value, field)
        except BadInput as error:
            files.refused[field] = error.all
            return UNREAD

    return read


class Files:
    """Reads files relative to a folder, and records which field came from which file.

    A field names a file as `{"file": path}` or by the bare path; other keys beside `file` override the file's
    content. Whatever names no file is returned unchanged, valid or not: validation happens elsewhere.
    Unreadable files are reported at the end of `blamed`, together with validation errors.

    Attributes:
        folder: base of relative paths.
        refused: read errors, by the field that names the file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._origins: dict[str, _Origin] = {}
        self.refused: dict[str, list[BadInput]] = {}

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Attribute errors in the block about a field that came from a file to that file.

        Read errors in the block are reported together with validation errors.
        """
        try:
            yield
        except BadInput as error:
            beside = [one for one in error.all if not _within(one.field or "", self.refused)]
            for one in beside:
                if one.file is None:
                    self._place(one)
            raise together([*chain(*self.refused.values()), *beside]) from None
        if self.refused:
            raise together([*chain(*self.refused.values())])

    def field_of(self, error: BadInput) -> str:
        """Return the job's field that an error concerns; errors inside a file have fields of that file."""
        found = (field for field, errors in self.refused.items() if any(error is one for one in errors))
        return next(found, error.field or "")

    def _place(self, error: BadInput) -> None:
        """Add the file that the error's field came from, with line and column if they are known.

        A key beside `file` came from the job.
        """
        from novacron.inputs.document import path_of

        field = error.field or ""
        at = max((at for at in self._origins if _within(field, [at])), key=len, default=None)
        if at is None:
            return
        origin, path = self._origins[at], path_of(field)[len(path_of(at)) :]
        if not path or path[0] not in origin.beside:
            error.file = origin.file
            places = (
                origin.places.get(path[cut:]) for cut in range(len(path))
            )  # maxcut.edges is edges there
            error.line, error.column = next(filter(None, places), (None, None))

    @collected
    def hamiltonian(self, value: Any, field: str) -> Any:
        """Return a Hamiltonian, its file read; a `fcidump` or a molecule's `geometry` may be one."""
        from novacron.inputs.hamiltonian import read_fcidump, read_hamiltonian, read_xyz

        if isinstance(value, Mapping) and isinstance(molecule := value.get("molecule"), Mapping):
            geometry = molecule.get("geometry")
            if isinstance(geometry, str) and geometry.lower().endswith(".xyz"):
                named = {**molecule, "file": geometry}
                del named["geometry"]
                return {**value, "molecule": self._laid_over(named, f"{field}.molecule", read_xyz)}
            return value
        if isinstance(value, Mapping) and _is_path(value.get("fcidump"), ("&", "$")):
            value = {"file": value["fcidump"]} | {
                key: inner for key, inner in value.items() if key != "fcidump"
            }
            return self._laid_over(value, field, read_fcidump)
        return self._laid_over(value, field, read_hamiltonian)

    @collected
    def problem(self, value: Any, field: str) -> Any:
        """Return a QAOA problem; a bare file is a graph to cut, unless its content says otherwise."""
        if isinstance(value, str) or _names_file(value):
            return self._graph(value, field, _read_problem)
        if not isinstance(value, Mapping):
            return value
        read = dict(value)
        if "maxcut" in read:
            read["maxcut"] = self.maxcut(read["maxcut"], f"{field}.maxcut")
        for key in ("qubo", "ising"):
            if key in read:
                read[key] = self._laid_over(read[key], f"{field}.{key}", _reader_of(key))
        return read

    @collected
    def maxcut(self, value: Any, field: str) -> Any:
        """Return a graph, with its file read; `format` and `weight` beside `file` control the parsing."""
        from novacron.inputs.graphs.formats import read_graph

        return self._graph(value, field, read_graph)

    def _graph(self, value: Any, field: str, read: Callable[..., dict[str, Any]]) -> Any:
        from novacron.inputs.graphs.listing import DEFAULT

        if isinstance(value, str):
            value = {"file": value}
        if not _names_file(value):
            return value
        form, weight = value.get("format"), value.get("weight", DEFAULT)
        if not (weight is DEFAULT or weight is None or isinstance(weight, str)):
            rule = "must be the name of an edge attribute, or null"
            raise BadInput(rule, field=f"{field}.weight", value=weight, hint="numbers go under weights")
        rest = {key: inner for key, inner in value.items() if key not in ("format", "weight")}
        return self._laid_over(rest, field, lambda text, file: read(text, file, form, weight))

    @collected
    def table(self, value: Any, field: str) -> Any:
        """Return samples: from a CSV file with a `target`, a JSON or YAML file, or inline.

        `columns` or `drop` select the features by name.
        """
        from novacron.inputs.table import choose_columns, read_table

        if isinstance(value, str) and value.lower().endswith(TABLE_SUFFIXES):
            value = {"file": value}
        if not isinstance(value, Mapping):
            return value
        columns, drop = value.get("columns"), value.get("drop")
        rest = {key: inner for key, inner in value.items() if key not in ("columns", "drop")}
        if not _names_file(value) or str(value["file"]).lower().endswith((".json", ".yaml", ".yml")):
            read = self._laid_over(rest, field, _read_table_document) if _names_file(rest) else rest
            return choose_columns(read, columns, drop) if columns is not None or drop is not None else read
        _check_table_keys(rest, field)
        target = rest.pop("target", None)
        if not isinstance(target, str):
            raise BadInput("is required: the column that holds the classes", field=f"{field}.target")
        return self._laid_over(rest, field, lambda text, file: read_table(text, file, target, columns, drop))

    @collected
    def circuit(self, value: Any, field: str) -> Any:
        """Return a circuit: OpenQASM text is kept, a path is read."""
        return self._circuit(value, field)

    def _circuit(self, value: Any, field: str) -> Any:
        if isinstance(value, str):
            value = {"qasm": value}
        if isinstance(value, Mapping) and _is_path(value.get("qasm"), "OPENQASM"):
            value = {"file": value["qasm"]} | {key: inner for key, inner in value.items() if key != "qasm"}
        return self._laid_over(value, field, lambda text, file: {"qasm": text})

    @contextmanager
    def nested(self, value: Any, field: str) -> Iterator[tuple[Any, "Files"]]:
        """Yield a job inside a job, written out or from a job file, with the reader of the files it names.

        Errors of that reader are reported with those of this one.
        """
        value = {"file": value} if isinstance(value, str) else value
        read, inner = self._job(value, field), Files(self.folder)
        if _names_file(value) and isinstance(value["file"], str):
            inner = Files((self.folder / value["file"]).parent)
        yield read, inner
        self._origins |= {f"{field}.{at}": origin for at, origin in inner._origins.items()}
        for at, errors in inner.refused.items():
            for one in errors:
                one.field = f"{field}.{one.field}" if one.field else field
            self.refused[f"{field}.{at}"] = errors

    @collected
    def _job(self, value: Any, field: str) -> Any:
        return self._laid_over(
            value, field, lambda text, file: _mapping_of(parsed(text, Path(file)).value, file)
        )

    @collected
    def stim(self, value: Any, field: str) -> Any:
        """Return a circuit of Stim: `{"stim": text}` is kept, a path is read."""
        return self._laid_over(value, field, lambda text, file: {"stim": text})

    @collected
    def counts(self, value: Any, field: str) -> Any:
        """Return counts of error-correction studies: a path is read as a CSV file of sinter."""
        from novacron import sinter_csv

        return self._laid_over(value, field, sinter_csv.read)

    @collected
    def ansatz(self, value: Any, field: str) -> Any:
        """Return an ansatz; `{"qasm": path or text}` and the bare path of a circuit are a user's circuit."""
        if isinstance(value, str) and value.lower().endswith(CIRCUIT_SUFFIXES):
            value = {"file": value}
        if not isinstance(value, Mapping) or not ("qasm" in value or "file" in value):
            return value
        read = self._circuit(value, field)
        return {"name": "circuit", **read}

    @collected
    def noise(self, value: Any, field: str) -> Any:
        """Return a noise model or calibration, with its file read; text is a model's name, or else a path."""
        from novacron.specs.named_noise import NAMED, NO_MODEL

        if isinstance(value, str) and value not in NAMED:
            found = self._with_suffix(value, NOISE_SUFFIXES)
            if not value.lower().endswith(NOISE_SUFFIXES) and not (self.folder / found).is_file():
                near = nearest(value, [*NAMED, *self._listed()])
                hint = f"did you mean {near!r}?" if near else f"files are looked for in {self.folder}"
                raise BadInput(NO_MODEL, field=field, value=value, hint=hint)
            value = {"file": found}
        read = self._laid_over(value, field, _read_mapping) if _names_file(value) else value
        if isinstance(read, Mapping) and "qubits" in read and not {"errors", "readout"} & set(read):
            read = {"calibration": read}
        if not isinstance(read, Mapping) or {"errors", "n_qubits"} <= set(read):  # keep with its name
            return read
        calibration = read.get("calibration")
        if isinstance(calibration, str):
            calibration = {"file": self._with_suffix(calibration, NOISE_SUFFIXES)}
        if not _names_file(calibration):
            return read
        at = f"{field}.calibration"
        return {**read, "calibration": self._laid_over(calibration, at, _read_mapping)}

    def _with_suffix(self, name: str, suffixes: tuple[str, ...]) -> str:
        """Return the name, with the suffix of an existing file if the bare name does not exist."""
        if (self.folder / name).exists():
            return name
        full = (name + suffix for suffix in suffixes)
        return next((path for path in full if (self.folder / path).is_file()), name)

    def _listed(self) -> list[str]:
        """Return the names of some files in the folder, for a "did you mean"."""
        entries = islice(self.folder.iterdir(), LISTED_FILES) if self.folder.is_dir() else ()
        return [name for path in entries if path.suffix in NOISE_SUFFIXES for name in (path.name, path.stem)]

    def arguments(self, value: Any, field: str) -> Any:
        """Return arguments of a classical function; inputs of quantum jobs are read as in these jobs."""
        if not isinstance(value, Mapping):
            return value
        readers = {"hamiltonian": self.hamiltonian, "maxcut": self.maxcut, "data": self.table}
        return {
            key: readers[key](inner, f"{field}.{key}") if key in readers else inner
            for key, inner in value.items()
        }

    def _laid_over(self, value: Any, field: str, read: Callable[[str, str], dict[str, Any]]) -> Any:
        if isinstance(value, str):
            value = {"file": value}
        if not _names_file(value):
            return value
        if not isinstance(value["file"], str) or not value["file"]:
            raise BadInput("must be the path of a file", field=f"{field}.file", value=value["file"])
        path = self.folder / value["file"]
        beside = {key: inner for key, inner in value.items() if key != "file"}
        origin = self._origins[field] = _Origin(str(path), read_text(path, field), frozenset(beside))
        return read(origin.text, origin.file) | beside


def _within(field: str, others: Iterable[str]) -> bool:
    """Return whether a field is one of others, or a part of one."""
    return any((field + ".").startswith((other + ".", other + "[")) for other in others)


def _names_file(value: Any) -> bool:
    return isinstance(value, Mapping) and "file" in value


def _is_path(value: Any, beginning: str | tuple[str, ...]) -> bool:
    """Return whether text that may be a path or the content itself is a path."""
    if not isinstance(value, str) or not value.strip():
        return False
    return "\n" not in value and not value.lstrip().upper().startswith(beginning)


def _read_mapping(text: str, file: str) -> dict[str, Any]:
    from novacron.inputs.document import read_json, read_yaml

    yaml = file.lower().endswith((".yaml", ".yml"))
    return _mapping_of(read_yaml(text, file).value if yaml else read_json(text, file), file)


def _mapping_of(document: Any, file: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise BadInput("must be a mapping of keys to values", file=file)
    return document


def _check_table_keys(value: Mapping[str, Any], field: str) -> None:
    known = ("file", "target", "columns", "drop", "n_features", "scale")
    for key in value:
        if key not in known:
            close = nearest(key, known)
            hint = f"did you mean {close!r}?" if close else "known keys: " + ", ".join(known)
            raise BadInput("unknown key", field=f"{field}.{key}", hint=hint)


def _read_table_document(text: str, file: str) -> dict[str, Any]:
    """Return samples from JSON or YAML in a job's form, or a dataset by name."""
    from novacron.inputs.data_file import DESCRIPTIVE, DataFile

    found = DataFile(text, file)
    if "features" not in found.value:
        return found.value
    found.check_keys(("features", "labels", "feature_names", "n_features", "scale", "target"))
    return {key: inner for key, inner in found.value.items() if key not in DESCRIPTIVE}


def _reader_of(kind: str) -> Callable[[str, str], dict[str, Any]]:
    """Return a reader of files that contain only a QUBO (or an Ising model)."""
    from novacron.inputs.quadratic import read_quadratic

    return lambda text, file: dict(read_quadratic(text, file, kind)[kind])


def _read_problem(text: str, file: str, form: object, weight: "Weight") -> dict[str, Any]:
    from novacron.inputs.data_file import DataFile
    from novacron.inputs.graphs.formats import detect, read_graph
    from novacron.inputs.graphs.json_formats import graph_of
    from novacron.inputs.quadratic import is_quadratic, read_quadratic

    if form is None and is_quadratic(text, file):
        return read_quadratic(text, file, None)
    if form is None and detect(text, file) == "json":
        found = DataFile(text, file)
        if "maxcut" in found.value:
            found.check_keys(
                ("maxcut",), cures=dict.fromkeys(("edges", "weights"), "it belongs inside maxcut")
            )
            return {"maxcut": found.value["maxcut"]}
        return {"maxcut": graph_of(found, weight)}
    return {"maxcut": read_graph(text, file, form, weight)}
