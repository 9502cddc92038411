"""YAML files of the operator's: every error with file and line."""

import pytest

from novacron.errors import BadInput
from novacron.specs.record import Record
from novacron.specs.scalars import Integer
from shared import configuration_file


class Shelf(Record):
    """A file."""

    books: tuple[dict[str, Integer], ...]
    room: str = ""


def test_what_a_file_declares_is_read(tmp_path):
    path = tmp_path / "shelf.yaml"
    path.write_text("books: [{one: 1}]\nroom: no\n")
    assert configuration_file.read(str(path), Shelf) == Shelf(books=({"one": 1},), room="no")


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("books: [{one: 1}]\nrom: 2\n", 2, "unknown key"),
        ("books:\n  - {one: 1}\n  - {two: x}\n", 3, "must be an integer"),
        ("books: []\nbooks: []\n", 2, "given twice"),
        ("books: []\n---\nbooks: []\n", 2, "one document"),
        ("[1]\n", None, "must be a mapping"),
    ],
)
def test_errors_have_their_place(tmp_path, text, line, rule):
    path = tmp_path / "shelf.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match=rule) as refused:
        configuration_file.read(str(path), Shelf)
    assert (refused.value.file, refused.value.line) == (str(path), line)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInput, match="there is no such file"):
        configuration_file.read(str(tmp_path / "none.yaml"), Shelf)
