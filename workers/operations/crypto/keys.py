"""Operations on stored keys: generate, import, rotate, retire, destroy, use; and audit log signatures.

A task may run twice if its worker dies between the effect and its record: operations that are not idempotent
are named after the task, so that a repetition finds their result.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TypedDict

from novacron.algorithms import check_context, find
from novacron.specs import Spec
from novacron.specs.crypto.keys import (
    DestroyKey,
    GenerateKey,
    ImportKey,
    RetireKey,
    RotateKek,
    RotateKey,
    Sign,
    SignAudit,
    TransportKey,
    Verify,
)
from shared.crypto import transport
from shared.db.crypto import keys
from shared.db.crypto.keys import KeyVersion
from shared.db.crypto.needs import Act
from workers.crypto import providers
from workers.crypto.keys.guard import REMAINS
from workers.crypto.keys.kek_rotation import rehearse, rotate
from workers.crypto.keys.key_pairs import Pair
from workers.crypto.keys.keyring import keyring
from workers.crypto.keys.keystore import KeyStore
from workers.runtime.context import Context
from workers.runtime.outcome import Done, UserError


class Received(TypedDict):
    """The message that the API seals for a worker: a private key as text, with its password if it has one."""

    key: str
    password: str | None


def _effect(context: Context[Spec]) -> str:
    return f"{context.origin.job_id}/{context.origin.task_id}"


def generate(context: Context[GenerateKey]) -> Done:
    """Generate a key."""
    wanted = context.spec
    made = KeyStore.of(context).generate(
        wanted.algorithm_name, wanted.usage, label=wanted.label, effect=_effect(context)
    )
    return Done(made.document())


def transport_key(context: Context[TransportKey]) -> Done:
    """Return the key to which private keys are sealed for import."""
    return Done(KeyStore.of(context).own("transport").document())


def import_(context: Context[ImportKey]) -> Done:
    """Import a key; the message it came in is erased from the job in the same transaction.

    Raises:
        UserError: the message cannot be opened.
        BadInput: it holds no readable private key.
    """
    spec, store, effect = context.spec, KeyStore.of(context), _effect(context)
    connection, job_id = context.origin.database(), context.origin.job_id
    if known := store.done(effect):
        return Done(known.document())
    pair = _pair(_received(context, store), spec.usage)
    with connection.transaction():
        made = store.import_(pair, spec.usage, label=spec.label, effect=effect)
        keys.erase_message(connection, job_id)
    return Done(made.document())


def _received(context: Context[ImportKey], store: KeyStore) -> Received:
    """Open the message that the API sealed for this worker."""
    key_id, found = context.spec.transport_key, find(transport.ALGORITHM)
    private = store.private(key_id, "transport")
    bound = transport.info(context.origin.tenant_id, key_id)
    sealed = base64.b64decode(context.spec.sealed)
    try:
        given: Received = json.loads(providers.load(found).open(found.name, private, sealed, bound))
    except ValueError:
        raise UserError("sealed: does not open with the transport key named") from None
    return given


def _pair(given: Received, usage: str | None) -> Pair:
    from workers.crypto.keys.private_keys import import_private

    algorithm, stored = import_private(given["key"].encode(), given["password"], usage)
    provider = providers.load(find(algorithm))
    public = provider.public_bytes(algorithm, provider.load_private(algorithm, stored))
    return Pair(algorithm, public, stored, "imported")


def rotate_key(context: Context[RotateKey]) -> Done:
    """Create a new version of a key."""
    spec, store = context.spec, KeyStore.of(context)
    if spec.dry_run:
        return _rehearsed(spec, store, "rotate")
    rotated = store.rotate(
        spec.key_id, algorithm=spec.algorithm, expected=spec.expected_version, effect=_effect(context)
    )
    return Done(rotated.document())


def retire(context: Context[RetireKey]) -> Done:
    """Retire a key."""
    spec = context.spec
    store = KeyStore.of(context, abandoned=spec.abandon)
    if spec.dry_run:
        return _rehearsed(spec, store, "retire")
    return Done(store.retire(spec.key_id).document())


def destroy(context: Context[DestroyKey]) -> Done:
    """Destroy private keys."""
    spec = context.spec
    store = KeyStore.of(context, abandoned=spec.abandon)
    if spec.dry_run:
        return _rehearsed(spec, store, "destroy", spec.version)
    return Done(store.destroy(spec.key_id, spec.version).document())


def _rehearsed(
    spec: RotateKey | RetireKey | DestroyKey, store: KeyStore, act: Act, version: int | None = None
) -> Done:
    """Return what needs the versions about to end, and the key's recorded uses; changes nothing."""
    needs = store.needs(spec.key_id, act, version)
    return Done({
        "operation": spec.operation, "dry_run": True, "key_id": spec.key_id, "refused": bool(needs),
        "needs": [one.document() for one in needs],
        "uses": [one.document() for one in store.uses(spec.key_id)],
        "remains": [REMAINS] if act == "destroy" else [],
    })  # fmt: skip


def sign(context: Context[Sign]) -> Done:
    """Sign the payload."""
    spec, store = context.spec, KeyStore.of(context)
    message = base64.b64decode(spec.payload)
    check_context(spec.context, [store.key(spec.key_id).algorithm])
    signed = store.sign(spec.key_id, message, spec.context.encode())
    return Done({
        "operation": "sign", "key_id": signed.key.key_id, "version": signed.version.version,
        "algorithm": signed.version.algorithm, "signature": base64.b64encode(signed.value).decode(),
        "message_sha256": hashlib.sha256(message).hexdigest(), "context": spec.context,
        "public_key": base64.b64encode(signed.version.public_key).decode(),
    })  # fmt: skip


def verify(context: Context[Verify]) -> Done:
    """Return whether the payload was signed by a version of the key, and by which."""
    spec = context.spec
    key = KeyStore.of(context).key(spec.key_id)
    key.check_usage("sign")
    tried = [one for one in reversed(key.versions) if spec.version in (None, one.version)]
    if tried:
        check_context(spec.context, [one.algorithm for one in tried])
    signer = next((one for one in tried if _is_by(one, spec)), None)
    return Done({
        "operation": "verify", "key_id": key.key_id, "verified": signer is not None,
        "version": signer.version if signer else None, "algorithm": signer.algorithm if signer else None,
    })  # fmt: skip


def _is_by(version: KeyVersion, spec: Verify) -> bool:
    found = find(version.algorithm)
    if spec.context and not found.takes_context:
        return False
    message, signature = base64.b64decode(spec.payload), base64.b64decode(spec.signature)
    return providers.load(found).verify(
        found.name, version.public_key, message, signature, spec.context.encode()
    )


def rotate_kek(context: Context[RotateKek]) -> Done:
    """Re-wrap every stored key under another key-encryption key."""
    if context.spec.dry_run:
        return Done(rehearse(context.origin.database(), keyring(), renew=context.spec.renew))
    seen = rotate(
        context.origin.database(), keyring(),
        renew=context.spec.renew, effect=_effect(context), checkpoint=context.checkpoint,
    )  # fmt: skip
    KeyStore.of(context).record("kek.rotate", seen["kek_id"], {"rewrapped": seen["rewrapped"]})
    return Done(seen)


def sign_audit(context: Context[SignAudit]) -> Done:
    """Sign the audit log at its current head."""
    KeyStore.of(context).sign_log()
    return Done({"operation": "sign_audit"})
