"""The text of a job file or of a circuit, parsed but not validated."""

from pathlib import Path

from novacron.errors import BadInput
from novacron.inputs.document import Document, read_json, read_yaml

CIRCUIT_SUFFIXES = (".qasm", ".qasm2", ".qasm3")
YAML_SUFFIXES = (".yaml", ".yml")


def parsed(text: str, path: Path) -> Document:
    """Return the job in the text of a job file or circuit, with its locations.

    Raises:
        BadInput: it is malformed, or the file's suffix is unknown.
    """
    suffix = path.suffix.lower()
    if suffix in YAML_SUFFIXES:
        return read_yaml(text, str(path))
    if suffix == ".json":
        return Document(read_json(text, str(path)))
    if suffix in CIRCUIT_SUFFIXES:
        return Document({"kind": "pure_quantum", "circuit": {"file": path.name}})
    known = ", ".join((*YAML_SUFFIXES, ".json", *CIRCUIT_SUFFIXES))
    raise BadInput(f"must be a job file or a circuit: {known}", file=str(path), value=suffix or None)
