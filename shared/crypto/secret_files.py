"""The files with secret keys that settings name, and which of them others can read or change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from novacron.errors import BadInput
from novacron.secret_file import exposure, refusal, tell
from shared.settings import Settings


def of_kek(settings: Settings) -> list[Path]:
    """Those with a key-encryption key, or with what opens the server that has it."""
    return [Path(text) for text in (settings.kek_file, settings.kek_token_file) if text]


def of_tls(settings: Settings) -> list[Path]:
    """Those with the private keys of the API."""
    return sorted(Path(settings.tls_folder).glob("*.key")) if settings.tls_folder else []


def exposed(files: Iterable[Path]) -> Iterator[BadInput]:
    """The errors about those that are open to others."""
    for file in files:
        if why := exposure(file):
            yield refusal(file, why)


def check(files: Iterable[Path], *, strict: bool, warn: Callable[[str], None]) -> None:
    """Warn of each file that is open to others.

    Args:
        files: with secrets.
        strict: refuse to go on instead.
        warn: what takes a warning.

    Raises:
        BadInput: `strict`, and there is one.
    """
    for error in exposed(files):
        tell(error, strict=strict, warn=warn)
