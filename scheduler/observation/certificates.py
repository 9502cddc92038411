"""Remaining validity of the certificates that the API serves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from shared.settings import Settings


def served(settings: Settings) -> Callable[[], float | None]:
    """Return a function that computes the seconds until the next expiry; it returns None without TLS."""
    if not settings.tls_mode:
        return lambda: None
    return lambda: _left_s(Path(settings.tls_folder))


def _left_s(folder: Path) -> float | None:
    from cryptography import x509  # TLS has loaded it by then

    ends = []
    for key in folder.glob("*.key"):
        try:
            found = x509.load_pem_x509_certificates(key.with_suffix(".pem").read_bytes())
        except (OSError, ValueError):
            continue
        ends += [one.not_valid_after_utc.timestamp() for one in found[:1]]
    return min(ends) - time.time() if ends else None
