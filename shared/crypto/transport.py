"""How a private key travels from whoever imports it to the worker that stores it: sealed by HPKE.

So it is in no job, no message and no row in the clear, not even for the moment until a worker takes it.
"""

from __future__ import annotations

from novacron.crypto.canonical import canonical

ALGORITHM = "X-Wing"
LABEL = "novacron key import 1"


def info(tenant_id: int, key_id: str) -> bytes:
    """What a message is bound to: whose it is, and the transport key it is for."""
    return canonical([LABEL, tenant_id, key_id])


def seal(public: bytes, secret: bytes, *, tenant_id: int, key_id: str) -> bytes:
    """A message that only the owner of the transport key opens.

    Args:
        public: the transport key, raw.
        secret: what to send.
        tenant_id: whose it is.
        key_id: of the transport key.
    """
    from novacron.crypto.keys import PublicKey
    from novacron.crypto.suites import suite_of

    sealed: bytes = suite_of(ALGORITHM).hpke.encrypt(
        secret, PublicKey(ALGORITHM, public).hpke, info(tenant_id, key_id)
    )
    return sealed
