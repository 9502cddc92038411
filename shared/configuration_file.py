"""YAML configuration files of the operator: strictly validated, each error with its position."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from novacron.errors import BadInput
from novacron.inputs.document import path_of, read_yaml
from novacron.inputs.text import read_text
from novacron.specs.refusal import validated

AnyModel = TypeVar("AnyModel", bound=BaseModel)


def read(path: str, model: type[AnyModel]) -> AnyModel:
    """Read and validate a file.

    Args:
        path: path of the file.
        model: model of the whole file.

    Raises:
        BadInput: the file cannot be read, or breaks a rule; it carries all the errors with their lines.
    """
    document = read_yaml(read_text(Path(path)), path)
    try:
        return validated(model, document.value)
    except BadInput as error:
        for one in error.all:
            one.file = path
            one.line, one.column = document.place(path_of(one.field or "")) or (None, None)
        raise
