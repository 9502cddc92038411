"""A server's TLS context, from a directory of certificates."""

from __future__ import annotations

from pathlib import Path

from novacron.errors import BadInput
from novacron.tls.contexts import Context
from novacron.tls.groups import Mode


def serving(mode: Mode, folder: Path) -> Context:
    """Create a server context.

    Args:
        mode: the accepted algorithms.
        folder: chains `NAME.pem`, leaf first, each with its private key in `NAME.key`; of several, each
            client is presented one that it can verify.

    Raises:
        BadInput: the folder holds no usable certificate.
    """
    pairs = [
        (chain, key) for key in sorted(folder.glob("*.key")) if (chain := key.with_suffix(".pem")).exists()
    ]
    if not pairs:
        raise BadInput("no NAME.pem with a NAME.key is here", field="tls_folder", value=str(folder))
    context = Context(mode)
    context.present(pairs)
    return context
