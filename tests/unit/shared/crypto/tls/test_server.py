"""A server's context from a folder."""

import pytest

from novacron.errors import BadInput
from novacron.tls.groups import MODES
from shared.crypto.tls.server import serving


def test_nothing_to_serve(tmp_path):
    (tmp_path / "alone.key").touch()
    with pytest.raises(BadInput, match=r"no NAME\.pem with a NAME\.key is here"):
        serving(MODES["hybrid"], tmp_path)


def test_files_that_hold_nothing(tmp_path):
    (tmp_path / "a.key").touch()
    (tmp_path / "a.pem").touch()
    with pytest.raises(BadInput, match="no certificate chain"):
        serving(MODES["hybrid"], tmp_path)
