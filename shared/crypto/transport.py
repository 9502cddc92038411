"""Transport of an imported private key to the worker that stores it: sealed with HPKE.

The key therefore never appears in plaintext in a job, message or row.
"""

from __future__ import annotations

from novacron.crypto.canonical import canonical

ALGORITHM = "X-Wing"
LABEL = "novacron key import 1"


def info(tenant_id: int, key_id: str) -> bytes:
    """Return the HPKE info that a message is bound to: its tenant and the transport key."""
    return canonical([LABEL, tenant_id, key_id])


def seal(public: bytes, secret: bytes, *, tenant_id: int, key_id: str) -> bytes:
    """Seal a message for the owner of the transport key.

    Args:
        public: the transport key, raw.
        secret: the plaintext.
        tenant_id: the owning tenant.
        key_id: id of the transport key.
    """
    from novacron.crypto.keys import PublicKey
    from novacron.crypto.suites import suite_of

    sealed: bytes = suite_of(ALGORITHM).hpke.encrypt(
        secret, PublicKey(ALGORITHM, public).hpke, info(tenant_id, key_id)
    )
    return sealed
