"""Where the scheduler is found, and what is insisted on there."""

import json

import pytest

from novacron._transport.endpoint import find
from novacron.errors import BadInput

URL = "https://127.0.0.1:4711"


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    for name in ("NOVACRON_URL", "NOVACRON_TOKEN", "NOVACRON_CA_FILE", "NOVACRON_TLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NOVACRON_DATA", str(tmp_path))
    state = {"url": URL, "token": "nc_own", "ca_file": "own.pem"}
    (tmp_path / "runtime.json").write_text(json.dumps(state))
    return tmp_path


def test_the_embedded_stack_with_its_roots():
    found = find()
    assert (found.url, found.token, found.ca_file, found.tls) == (URL, "nc_own", "own.pem", "hybrid")
    assert find(URL + "/", "nc_given").ca_file == "own.pem"


def test_its_roots_vouch_for_nobody_else():
    found = find("https://example.org", "nc_given")
    assert (found.token, found.ca_file) == ("nc_given", None)
    assert find("https://127.0.0.1:4712").ca_file is None


def test_roots_of_ones_own(monkeypatch):
    monkeypatch.setenv("NOVACRON_CA_FILE", "mine.pem")
    assert find().ca_file == find("https://example.org").ca_file == "mine.pem"


def test_a_stack_without_tls(folder):
    (folder / "runtime.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "token": "nc_own"}))
    assert find().ca_file is None


def test_post_quantum_only(monkeypatch):
    monkeypatch.setenv("NOVACRON_TLS", "pq-only")
    assert find().tls == "pq-only"
    with pytest.raises(BadInput, match="needs an https:// address"):
        find("http://127.0.0.1:4711")


def test_no_such_mode(monkeypatch):
    monkeypatch.setenv("NOVACRON_TLS", "none")
    with pytest.raises(BadInput, match=r"NOVACRON_TLS.*hybrid, pq-only"):
        find()
