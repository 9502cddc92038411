"""Re-wraps envelopes with stored keys; neither the data key nor the plaintext leaves the process."""

from __future__ import annotations

import base64

from novacron.algorithms import find
from novacron.crypto import Header, Identity, PublicKey, Recipient, rewrap
from novacron.errors import NotAuthentic
from novacron.specs.crypto.envelopes import NewRecipient, RewrapEnvelope
from shared.db.crypto.keys import StoredKey
from workers.crypto import providers
from workers.crypto.keys.guard import names_of
from workers.crypto.keys.keystore import KeyStore
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def rewrap_envelope(context: Context[RewrapEnvelope]) -> Done:
    """Return the envelope's header for changed recipients.

    Raises:
        NotAuthentic: the header was modified, or is not sealed for a version of this key.
    """
    wanted, store = context.spec, KeyStore.of(context)
    header = Header.decode(base64.b64decode(wanted.header))
    identity = identity_for(store, store.key(wanted.key_id), header)
    added = [_recipient(one) for one in wanted.add]
    new = rewrap(header, identity, add=added, drop=wanted.drop, classical=wanted.classical)
    envelope_id = header.preamble.envelope_id.hex()
    store.record("envelope.rewrap", wanted.key_id, {"envelope": envelope_id, "recipients": list(new.key_ids)})
    return Done({
        "operation": "rewrap_envelope", "key_id": wanted.key_id, "envelope_id": envelope_id,
        "recipients": list(new.key_ids), "header": base64.b64encode(new.encode()).decode(),
    })  # fmt: skip


def identity_for(store: KeyStore, key: StoredKey, header: Header) -> Identity:
    """Return the version of a stored key that an envelope is sealed for.

    Raises:
        NotAuthentic: it is sealed for none of them.
        Conflict: the key does not decrypt, or that version is destroyed.
    """
    key.check_usage("decrypt")
    theirs = set(header.key_ids)
    version = next((one for one in reversed(key.versions) if names_of(key, one) & theirs), None)
    if version is None:
        raise NotAuthentic("the envelope is not for this key")
    private, found = store.private(key.key_id, "decrypt", version.version), find(version.algorithm)
    provider = providers.load(found)
    return Identity(
        found.name,
        names_of(key, version),
        lambda sealed, info: provider.open(found.name, private, sealed, info),
    )


def _recipient(wanted: NewRecipient) -> Recipient:
    public = PublicKey(wanted.algorithm, base64.b64decode(wanted.public_key))
    return Recipient(public, wanted.name or "")
