"""The log's record of handshakes."""

import logging

import pytest

from novacron.tls.handshake import Handshake
from shared.crypto.tls.record import record


@pytest.mark.parametrize(
    ("group", "level"),
    [("X25519MLKEM768", logging.INFO), ("X25519", logging.WARNING), (None, logging.WARNING)],
)
def test_a_classical_handshake_is_a_warning(caplog, group, level):
    caplog.set_level(logging.INFO)
    record(Handshake("TLSv1.3", "", group, "mldsa65"), ("192.0.2.1", 4711))
    (line,) = caplog.records
    assert line.levelno == level
    assert line.getMessage().startswith("TLS with 192.0.2.1: TLSv1.3, ")
