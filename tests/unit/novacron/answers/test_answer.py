import copy
import json
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import TypeAdapter

import novacron.answers
from novacron.answers.answer import LARGEST_TABLE, Answer, Listing, fields
from novacron.answers.certificate import IssuedCertificate
from novacron.answers.key import Key, KeyVersion
from novacron.specs.described import about, meanings

VERSION = {
    "version": 1,
    "algorithm": "Ed25519",
    "created_at": "2026-01-02T03:04:05+00:00",
    "destroyed_at": None,
}
KEY = VERSION | {"key_id": "key_1", "label": None, "state": "active", "versions": [VERSION]}
MODULES = [path.stem for path in Path(novacron.answers.__file__).parent.glob("[a-z]*.py")]
CLASSES = [
    found
    for name in MODULES
    for found in vars(import_module(f"novacron.answers.{name}")).values()
    if isinstance(found, type) and issubclass(found, Answer) and found is not Answer
]


def test_an_answer_is_its_document_and_its_attributes_are_typed():
    key = Key(KEY)
    assert key == KEY and json.dumps(key) == json.dumps(KEY)
    assert key["created_at"] == "2026-01-02T03:04:05+00:00"
    assert key.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (key.key_id, key.label, key.destroyed_at) == ("key_1", None, None)
    (version,) = key.versions
    assert type(version) is KeyVersion and version.version == 1 and version == VERSION
    assert type(key["versions"][0]) is dict
    assert {"key_id", "versions", "created_at"} <= set(dir(key))


def test_what_is_not_there_is_no_attribute():
    for name in ("usage", "unknown"):
        with pytest.raises(AttributeError, match=name):
            getattr(Key(KEY), name)
    assert IssuedCertificate({}).companion is None
    companion = IssuedCertificate({"companion": {"certificate_id": "x"}}).companion
    assert companion is not None and companion.certificate_id == "x"


def test_another_version_of_the_scheduler_is_believed():
    key = Key(KEY | {"created_at": "yesterday", "versions": 3, "new": [1]})
    kept: tuple[object, ...] = (key.created_at, key.versions, key["new"])
    assert kept == ("yesterday", 3, [1])


def test_an_answer_is_copied_and_pickled_as_one():
    for again in (copy.copy(Key(KEY)), copy.deepcopy(Key(KEY)), pickle.loads(pickle.dumps(Key(KEY)))):
        assert type(again) is Key and again == KEY


def test_a_repr_is_one_line_and_html_is_escaped():
    hostile = Key(KEY | {"label": "a\n\x1b[31m<b>&"})
    assert repr(hostile).startswith("<Key key_id='key_1' algorithm='Ed25519' state='active'")
    assert "\n" not in repr(hostile) and "\x1b" not in repr(hostile)
    listing = Listing([hostile] * (LARGEST_TABLE + 1))
    for shown in (hostile._repr_html_(), listing._repr_html_()):
        assert shown.startswith("<table>") and "\x1b" not in shown
        assert "&lt;b&gt;&amp;" in shown and "<b>" not in shown
    assert "and 1 more" in listing._repr_html_() and listing._repr_html_().count("<tr>") == LARGEST_TABLE + 1
    assert Listing([])._repr_html_() == "<table><tr></tr></table>"


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_field_says_what_it_means(kind):
    declared = fields(kind)
    assert declared and about(kind) and set(meanings(kind)) == set(declared)
    assert set(kind.shown) <= set(declared)
    described = TypeAdapter(kind).json_schema()
    schema = described.get("$defs", {}).get(kind.__name__, described)
    assert list(schema["properties"]) == list(declared)
    assert set(schema.get("required", ())) == set(declared) - kind._optional
    assert all(one.get("description") for one in schema["properties"].values())


def test_answers_do_without_pydantic_until_an_attribute_needs_it():
    program = (
        "import sys; from novacron import Client; client = Client('http://127.0.0.1:1');"
        "groups = [client.keys, client.certificates, client.envelopes, client.migrations, client.audit,"
        " client.backends, client.workers, client.tokens, client.tenants];"
        "from novacron.answers.key import Key; key = Key({'key_id': 'x', 'created_at': '2026-01-01T00:00Z'});"
        "assert key.key_id == key['key_id'] and repr(key) and 'pydantic' not in sys.modules;"
        "assert key.created_at.year == 2026 and 'pydantic' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
