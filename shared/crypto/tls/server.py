"""A server's context, from a folder of certificates."""

from __future__ import annotations

from pathlib import Path

from novacron.errors import BadInput
from novacron.tls.contexts import Context
from novacron.tls.groups import MODES


def serving(mode: str, folder: Path) -> Context:
    """Make the context of a server.

    Args:
        mode: `hybrid` or `pq-only`.
        folder: chains `NAME.pem`, leaf first, each with its private key in `NAME.key`; of several, a client
            is shown one that it can verify.

    Raises:
        BadInput: no such mode, or the folder holds nothing that could be served.
    """
    if mode not in MODES:
        raise BadInput(f"the modes are {' and '.join(MODES)}", field="tls_mode", value=mode)
    pairs = [
        (chain, key) for key in sorted(folder.glob("*.key")) if (chain := key.with_suffix(".pem")).exists()
    ]
    if not pairs:
        raise BadInput("no NAME.pem with a NAME.key is here", field="tls_folder", value=str(folder))
    context = Context(MODES[mode])
    context.present(pairs)
    return context
