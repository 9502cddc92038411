"""Logs and counts TLS handshakes."""

from __future__ import annotations

import logging
from typing import Any

from novacron.tls.handshake import Handshake
from shared.metrics.tally import TALLY

log = logging.getLogger(__name__)


def record(handshake: Handshake, client: Any) -> None:
    """Log and count a handshake; a classical one is a warning: recorded traffic can be decrypted later."""
    where = client[0] if isinstance(client, tuple) else client
    log.log(logging.INFO if handshake.pq else logging.WARNING, "TLS with %s: %s", where, handshake)
    TALLY.add("novacron_tls_handshakes_total", 1.0, handshake.group or "unknown")
