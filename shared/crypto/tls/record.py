"""Who connected how: the log's record of handshakes."""

from __future__ import annotations

import logging
from typing import Any

from novacron.tls.handshake import Handshake

log = logging.getLogger(__name__)


def record(handshake: Handshake, client: Any) -> None:
    """Log a handshake; a classical one is a warning, for somebody may be recording it to decrypt it later."""
    where = client[0] if isinstance(client, tuple) else client
    log.log(logging.INFO if handshake.pq else logging.WARNING, "TLS with %s: %s", where, handshake)
