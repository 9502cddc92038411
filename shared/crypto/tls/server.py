"""A server's context, from a folder of certificates."""

from __future__ import annotations

from pathlib import Path

from novacron.errors import BadInput
from novacron.tls.contexts import Context
from novacron.tls.groups import Mode


def serving(mode: Mode, folder: Path) -> Context:
    """Make the context of a server.

    Args:
        mode: what it accepts.
        folder: chains `NAME.pem`, leaf first, each with its private key in `NAME.key`; of several, a client
            is shown one that it can verify.

    Raises:
        BadInput: the folder holds nothing that could be served.
    """
    pairs = [
        (chain, key) for key in sorted(folder.glob("*.key")) if (chain := key.with_suffix(".pem")).exists()
    ]
    if not pairs:
        raise BadInput("no NAME.pem with a NAME.key is here", field="tls_folder", value=str(folder))
    context = Context(mode)
    context.present(pairs)
    return context
