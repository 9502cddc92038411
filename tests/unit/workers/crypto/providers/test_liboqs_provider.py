"""The provider of liboqs against a real library; what it answers rightly is in the conformance suite."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from novacron.algorithms import find
from shared.crypto import liboqs, libraries
from workers.crypto.providers.liboqs import LiboqsProvider, PrivateKey

ROOT = Path(__file__).parents[5]
with_liboqs = pytest.mark.parametrize(
    "name", [name for name in ["Kyber512"] if libraries.present(find(name))]
)


def test_without_the_library_it_is_an_import_error(monkeypatch):
    monkeypatch.setattr(liboqs, "probed", lambda: liboqs.Liboqs("the library liboqs is not installed"))
    with pytest.raises(ImportError, match="is not installed"):
        LiboqsProvider()


def test_a_private_key_does_not_show_itself():
    assert "secret" not in repr(PrivateKey(b"public", b"secret"))


@with_liboqs
def test_nothing_is_written_to_standard_output_and_nobody_is_warned(name):
    code = (
        "from workers.crypto.providers.liboqs import LiboqsProvider;"
        f"LiboqsProvider().generate({name!r}); import logging; logging.getLogger('oqs.oqs').info('noise')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


@with_liboqs
def test_no_secret_is_logged(name, caplog):
    provider = LiboqsProvider()
    with caplog.at_level(logging.DEBUG):
        pair = provider.generate(name)
        ciphertext, secret = provider.encapsulate(name, pair.public)
        provider.decapsulate(name, pair.private, ciphertext)
    assert secret.hex() not in caplog.text and pair.private.secret.hex() not in caplog.text


@with_liboqs
def test_it_seals_nothing(name):
    provider = LiboqsProvider()
    with pytest.raises(NotImplementedError, match="liboqs has no X-Wing"):
        provider.seal("X-Wing", b"", b"")
    with pytest.raises(NotImplementedError, match="liboqs has no X-Wing"):
        provider.open("X-Wing", PrivateKey(b"", b""), b"")
