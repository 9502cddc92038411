"""Files with secret keys named by settings, and checks of their permissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from novacron.errors import BadInput
from novacron.secret_file import exposure, refusal, tell
from shared.settings import Settings


def of_kek(settings: Settings) -> list[Path]:
    """Return the files with a key-encryption key, or with credentials of the server that holds it."""
    return [Path(text) for text in (settings.kek_file, settings.kek_token_file) if text]


def of_tls(settings: Settings) -> list[Path]:
    """Return the files with private keys of the API."""
    return sorted(Path(settings.tls_folder).glob("*.key")) if settings.tls_folder else []


def exposed(files: Iterable[Path]) -> Iterator[BadInput]:
    """Yield an error for each file that other users can read or change."""
    for file in files:
        if why := exposure(file):
            yield refusal(file, why)


def check(files: Iterable[Path], *, strict: bool, warn: Callable[[str], None]) -> None:
    """Warn of each file that other users can read or change.

    Args:
        files: files with secrets.
        strict: raise instead of warning.
        warn: receives a warning.

    Raises:
        BadInput: `strict`, and there is such a file.
    """
    for error in exposed(files):
        tell(error, strict=strict, warn=warn)
