"""QUBO and Ising files: JSON or YAML, dimod's BQM JSON, COO and qbsolv text, Matrix Market."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from novacron.errors import BadInput
from novacron.inputs.data_file import YAML_SUFFIXES, DataFile
from novacron.inputs.matrix_market import BANNER, read_matrix

KEYS = {
    "qubo": ("n_variables", "linear", "quadratic", "constant", "variables"),
    "ising": ("n_spins", "h", "J", "constant", "spins"),
}
SUFFIXES = (".coo", ".qubo")
"""Suffixes of text files with a QUBO or an Ising model rather than a graph, whether or not they say which."""
VARTYPES = {"BINARY": "qubo", "SPIN": "ising"}
_CURES = {
    "offset": "the offset is called constant",
    "bias": "did you mean 'linear'?",
    "Q": "did you mean 'quadratic'?",
}
_BQM = (
    *("type", "version", "use_bytes", "index_type", "bias_type", "num_variables", "num_interactions"),
    *("variable_labels", "variable_type", "offset", "info", "linear_biases"),
    *("quadratic_biases", "quadratic_head", "quadratic_tail"),
)


def read_quadratic(text: str, file: str, wanted: str | None) -> dict[str, Any]:
    """Return the `problem` of a spec, with the only key `qubo` or `ising`, not yet validated.

    Args:
        text: content of the file.
        file: path of the file.
        wanted: `qubo` or `ising` if the job says which; None uses what the file says.

    Raises:
        BadInput: it is malformed, has an unknown key, contradicts itself or the job.
    """
    suffix = Path(file).suffix.lower()
    if suffix in (".json", *YAML_SUFFIXES) or text.lstrip().startswith("{"):
        return _document(DataFile(text, file), wanted)
    if text.lstrip().lower().startswith(BANNER.lower()):
        if wanted == "ising":
            raise BadInput("a matrix is read as a QUBO", file=file, value=wanted)
        return {"qubo": _of_matrix(text, file)}
    kind, body = _of_lines(text, file, wanted)
    return {_agreed(kind, wanted, file): body}


def is_quadratic(text: str, file: str) -> bool:
    """Return whether a file identifies itself as a QUBO or an Ising model."""
    if Path(file).suffix.lower() in (".json", *YAML_SUFFIXES) or text.lstrip().startswith("{"):
        value = DataFile(text, file).value
        bqm = value.get("type") == "BinaryQuadraticModel" or "linear_biases" in value
        return (
            bqm or any(kind in value for kind in KEYS) or ("edges" not in value and _kind(value) is not None)
        )
    if Path(file).suffix.lower() in SUFFIXES:
        return True
    return bool(re.search(r"^\s*(#\s*vartype\s*=|p\s+qubo\s)", text[:100_000], re.MULTILINE))


def _kind(value: Mapping[str, Any]) -> str | None:
    """Return `qubo` or `ising` according to a document's coefficients; None if it has neither."""
    return next((kind for kind, keys in KEYS.items() if any(key in value for key in keys[1:3])), None)


def _agreed(kind: str | None, wanted: str | None, file: str) -> str:
    if kind is None and wanted is None:
        raise BadInput(
            "does not say whether it is a QUBO or an Ising model",
            file=file,
            hint="write {qubo: {file: ...}} or {ising: {file: ...}}",
        )
    if kind and wanted and kind != wanted:
        raise BadInput(f"holds {kind}, the job asks for {wanted}", file=file)
    return kind or wanted or ""


def _document(found: DataFile, wanted: str | None) -> dict[str, Any]:
    if found.value.get("type") == "BinaryQuadraticModel" or "linear_biases" in found.value:
        kind, body = _bqm(found)
        return {_agreed(kind, wanted, found.file): body}
    named = next((kind for kind in KEYS if kind in found.value), None)
    if named is None:
        wanted = wanted or _kind(found.value)
        if wanted is None:
            raise BadInput("must have one of the keys maxcut, qubo, ising, edges", file=found.file)
        found.check_keys(KEYS[wanted], cures=_CURES)
        return {wanted: {key: found.value[key] for key in KEYS[wanted] if key in found.value}}
    inside = {key: f"it belongs inside {named}" for key in (*KEYS[named], "offset")}
    found.check_keys((named,), cures=inside)
    if not isinstance(found.value[named], Mapping):
        raise found.error("must be a mapping of keys to values", named)
    return {_agreed(named, wanted, found.file): found.value[named]}


def _bqm(found: DataFile) -> tuple[str, dict[str, Any]]:
    """Read the form of dimod's `BinaryQuadraticModel.to_serializable()`, schema 3.

    Source: dimod, docs.ocean.dwavesys.com, BinaryQuadraticModel.to_serializable.
    """
    found.check_keys(_BQM)
    value = found.value
    if value.get("use_bytes"):
        raise found.error("is not read", "use_bytes", value=True, hint="write it with use_bytes=False")
    kind = VARTYPES.get(str(value.get("variable_type")))
    if kind is None:
        raise found.error("must be SPIN or BINARY", "variable_type", value=value.get("variable_type"))
    lists: dict[str, list[Any]] = {}
    for key in ("linear_biases", "quadratic_biases", "quadratic_head", "quadratic_tail", "variable_labels"):
        if not isinstance(value.get(key), list):
            raise found.error("must be a list", key, value=value.get(key))
        lists[key] = value[key]
    _check_lengths(found, lists)
    size = len(lists["linear_biases"])
    pairs = zip(lists["quadratic_head"], lists["quadratic_tail"], lists["quadratic_biases"], strict=True)
    labels = [_label(one) for one in lists["variable_labels"]]
    return kind, _body(
        kind, size, lists["linear_biases"], list(map(list, pairs)), value.get("offset", 0.0), labels
    )


def _check_lengths(found: DataFile, lists: Mapping[str, list[Any]]) -> None:
    for said, keys in (
        ("num_variables", ("linear_biases", "variable_labels")),
        ("num_interactions", ("quadratic_biases", "quadratic_head", "quadratic_tail")),
    ):
        count = found.value.get(said, len(lists[keys[0]]))
        for key in keys:
            if len(lists[key]) != count:
                rule = f"must have {count} entries, not {len(lists[key])}; the file may be cut short"
                raise found.error(rule, key)


def _label(label: object) -> str:
    return "(" + ", ".join(map(_label, label)) + ")" if isinstance(label, list) else str(label)


def _body(
    kind: str,
    size: int,
    linear: list[Any],
    pairs: list[list[Any]],
    constant: object,
    names: list[str] | None = None,
) -> dict[str, Any]:
    n, fields, couplings, _, named = KEYS[kind]
    body = {n: size, fields: linear, couplings: pairs, "constant": constant}
    given = names is not None and names != [str(position) for position in range(size)]
    return body | ({named: names} if given else {})


def _of_lines(text: str, file: str, wanted: str | None) -> tuple[str | None, dict[str, Any]]:
    """Read lines `i j bias`, counted from 0; an entry with i = j is linear.

    COO has `# vartype=SPIN` or `BINARY` in its header, qbsolv `p qubo 0 MAX NODES COUPLERS`.
    """
    kind = None
    counts: tuple[int, int] | None = None
    entries: dict[tuple[int, int], float] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        vartype = re.match(r"\s*#\s*vartype\s*=\s*(\w+)", line)
        if vartype:
            kind = VARTYPES.get(vartype[1].upper())
            if kind is None:
                raise BadInput("must be SPIN or BINARY", file=file, line=number, value=vartype[1])
        elif words[:2] == ["p", "qubo"] and len(words) == 6:
            kind, counts = "qubo", _counts(words, file, number)
        elif words and words[0] != "c" and not words[0].startswith("#"):
            pair, bias = _entry(words, file, number)
            if pair in entries or pair[::-1] in entries:
                hint = "give each pair once, with the sum"
                raise BadInput("the pair is given twice", file=file, line=number, value=list(pair), hint=hint)
            entries[pair] = bias
    if not entries:
        raise BadInput("holds no lines `i j bias`", file=file)
    diagonal = sum(i == j for i, j in entries)
    if counts is not None and counts != (diagonal, len(entries) - diagonal):
        found = f"{diagonal} and {len(entries) - diagonal}"
        rule = f"announces {counts[0]} nodes and {counts[1]} couplers, not {found}"
        raise BadInput(rule, file=file, hint="the file may be cut short")
    return kind, _of_entries(_agreed(kind, wanted, file), entries)


def _counts(words: list[str], file: str, line: int) -> tuple[int, int]:
    """Return the numbers of nodes and couplers announced by a line `p qubo 0 MAX NODES COUPLERS`."""
    if not all(re.fullmatch(r"[0-9]{1,9}", word) for word in words[4:]):
        rule = "must be `p qubo 0 MAX NODES COUPLERS`"
        raise BadInput(rule, file=file, line=line, value=" ".join(words))
    return int(words[4]), int(words[5])


def _entry(words: list[str], file: str, line: int) -> tuple[tuple[int, int], float]:
    try:
        i, j, bias = int(words[0]), int(words[1]), float(words[2])
    except (ValueError, IndexError):
        i = j = -1
        bias = math.nan
    if len(words) != 3 or min(i, j) < 0 or not math.isfinite(bias):
        raise BadInput("must be two numbers from 0 and a bias", file=file, line=line, value=" ".join(words))
    return (i, j), bias


def _of_entries(kind: str, entries: Mapping[tuple[int, int], float]) -> dict[str, Any]:
    size = max(map(max, entries)) + 1
    if size > 100_000:
        raise BadInput(f"has {size} variables")
    linear = [entries.get((i, i), 0.0) for i in range(size)]
    pairs: Iterator[list[Any]] = ([i, j, bias] for (i, j), bias in entries.items() if i != j)
    return _body(kind, size, linear, list(pairs), 0.0)


def _of_matrix(text: str, file: str) -> dict[str, Any]:
    """Read x^T Q x: entries (i, j) and (j, i) add up, and one triangle of a symmetric matrix counts twice."""
    matrix = read_matrix(text, file)
    entries: dict[tuple[int, int], float] = {(i, i): 0.0 for i in range(matrix.size)}
    for row, column, value, _ in matrix.entries:
        pair = (min(row, column), max(row, column))
        twice = 2.0 if matrix.symmetric and row != column else 1.0
        entries[pair] = entries.get(pair, 0.0) + twice * value
    return _of_entries("qubo", entries)
