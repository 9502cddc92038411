"""Selects this process's source of key-encryption keys."""

from __future__ import annotations

import os
from pathlib import Path

from shared.settings import Settings, load
from workers.crypto.keys.kek import ENVIRONMENT, FileKeyring, KekError, Keyring, LocalKeyring


def keyring(settings: Settings | None = None) -> Keyring:
    """Return the keyring configured for this process: a file, the environment, or a server.

    Raises:
        KekError: none, or more than one, is configured.
    """
    settings = settings or load()
    text = os.environ.get(ENVIRONMENT, "")
    given = [name for name, value in (
        (ENVIRONMENT, text), ("NOVACRON_KEK_FILE", settings.kek_file), ("NOVACRON_KEK_URL", settings.kek_url),
    ) if value]  # fmt: skip
    if len(given) != 1:
        raise KekError(
            f"{' and '.join(given)} are both set: set only one of them" if given else
            f"this worker has no key-encryption key: set NOVACRON_KEK_FILE, {ENVIRONMENT} or NOVACRON_KEK_URL"
        )  # fmt: skip
    if text:
        return LocalKeyring(text, ENVIRONMENT)
    if settings.kek_file:
        return FileKeyring(Path(settings.kek_file), strict=settings.strict)
    from workers.crypto.keys.transit import TransitKeyring

    return TransitKeyring(settings.kek_url, Path(settings.kek_token_file))
