"""Looking for liboqs, in front of libraries and wrappers that are not what they should be."""

import ctypes.util
import shutil
import subprocess
import sys
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from novacron.algorithms import ALGORITHMS, find
from shared.crypto import liboqs


@pytest.fixture
def wrapper(tmp_path, monkeypatch):
    """A Python module `oqs` of the test's own making, and no other; returns the folder it is in."""
    package = tmp_path / "path" / "oqs"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(
        liboqs, "find_spec", lambda name: ModuleSpec(name, None, origin=str(package / "__init__.py"))
    )
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    monkeypatch.setenv("OQS_INSTALL_PATH", str(tmp_path / "nowhere"))
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    return package


@pytest.fixture
def library(wrapper):
    """Any library that loads, in the place of liboqs."""
    found = next(Path(sys.prefix).rglob("Crypto/PublicKey/_mlkem.abi3.so"))
    return Path(shutil.copy(found, wrapper / "liboqs.so"))


def looked():
    return liboqs.probed.__wrapped__()


def test_without_the_wrapper_nothing_is_started(monkeypatch):
    monkeypatch.setattr(liboqs, "find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("started a process"))
    assert looked().refusal == "the Python module oqs is not installed"


def test_the_wrapper_without_the_library_is_never_imported(wrapper, monkeypatch):
    (wrapper / "__init__.py").write_text("raise SystemExit('began a download')")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("started a process"))
    assert looked().refusal == "the library liboqs is not installed"


def test_a_library_that_does_not_load_is_told_before_the_wrapper_is_imported(wrapper):
    (wrapper / "liboqs.so").write_bytes(b"no library")
    (wrapper / "__init__.py").write_text("raise SystemExit('began a download')")
    assert "cannot be used: OSError" in looked().refusal


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise SystemExit(1)", "cannot be used: exit 1"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "cannot be used: exit -11"),
        ("x = 1", "AttributeError"),
        ("import shutil; raise SystemExit(str(shutil.which('git')))", "cannot be used: None"),
    ],
)
def test_a_wrapper_that_ends_its_process_ends_no_other(library, wrapper, body, told):
    (wrapper / "__init__.py").write_text(body)
    assert told in looked().refusal


def test_a_library_is_told_no_setting_of_ours(library, wrapper, monkeypatch):
    monkeypatch.setenv("NOVACRON_KEK_FILE", "/somewhere")
    (wrapper / "__init__.py").write_text(
        "import os\nraise SystemExit(' '.join(k for k in os.environ if 'NOVACRON' in k) or 'nothing')"
    )
    assert "nothing" in looked().refusal


def test_a_wrapper_that_never_returns_is_ended(library, wrapper, monkeypatch):
    (wrapper / "__init__.py").write_text("while True: pass")
    monkeypatch.setattr(liboqs, "PROBE_S", 1.0)
    assert "does not answer within 1 s" in looked().refusal


def test_a_wrapper_of_another_version_is_refused(monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda name: "0.16.0.1")
    assert liboqs._mismatch("0.16.2") == ""
    assert liboqs._mismatch("0.11.0") == "liboqs-python 0.16.0.1 does not fit liboqs 0.11.0"


def test_another_version_of_a_specification_is_not_offered():
    found = liboqs.Liboqs(version="9.9", sizes={"HQC-1": [2249, 2305, 4433], "Kyber512": [800, 1632, 768]})
    assert found.refusal_of(find("HQC-1")) == "liboqs 9.9 has another version of it"
    assert found.refusal_of(find("HQC-3")) == "liboqs 9.9 is built without it"
    assert found.refusal_of(find("Kyber512")) == ""


def test_names_are_those_of_liboqs():
    assert liboqs.mechanism("SLH-DSA-SHA2-128s") == "SLH_DSA_PURE_SHA2_128S"
    others = [name for name, one in ALGORITHMS.items() if "liboqs" in one.providers and "SLH" not in name]
    assert all(liboqs.mechanism(name) == name for name in others) and "Kyber768" in others
