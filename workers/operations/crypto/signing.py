"""Hybrid signatures and signed results, with stored keys."""

from __future__ import annotations

from novacron.algorithms import find
from novacron.crypto import Digest, PublicKey, Signer, results, sign
from novacron.errors import NotFound
from novacron.specs.crypto.envelopes import SignBundle, SignResult
from shared.db import reading
from shared.db.crypto.keys import StoredKey
from workers.crypto import providers
from workers.crypto.keys.keystore import KeyStore
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def sign_bundle(context: Context[SignBundle]) -> Done:
    """Sign a content's digest with two keys."""
    wanted, store = context.spec, KeyStore.of(context)
    signers = [_signer(store, store.key(key_id), "sign") for key_id in wanted.key_ids]
    bundle = sign(Digest(wanted.sha512, wanted.length), signers, purpose=wanted.purpose)
    details = {"sha512": wanted.sha512, "purpose": wanted.purpose}
    for key_id in wanted.key_ids:
        store.record("content.sign", key_id, details)
    return Done({"operation": "sign_bundle", **bundle})


def sign_result(context: Context[SignResult]) -> Done:
    """Sign a job's content as stored in the database: its `novacron.crypto.results.parts`.

    Raises:
        NotFound: the tenant has no such job.
    """
    job_id, origin, store = context.spec.job_id, context.origin, KeyStore.of(context)
    job = reading.document(origin.database(), origin.tenant_id, job_id)
    if job is None:
        raise NotFound(f"there is no job {job_id!r} in this tenant")
    signature = results.sign(results.parts(job.plain()), _signer(store, store.own("results"), "results"))
    store.record("result.sign", job_id, {"key": signature["key_id"]})
    return Done({"operation": "sign_result", "job_id": job_id, "signature": signature})


def _signer(store: KeyStore, key: StoredKey, usage: str) -> Signer:
    """Return the signer of the current version; the store rejects it once the key has been rotated."""
    private, found = store.private(key.key_id, usage, key.version), find(key.algorithm)
    provider = providers.load(found)
    return Signer(
        PublicKey(found.name, key.public_key),
        f"{key.key_id}/{key.version}",
        lambda message, context: provider.sign(found.name, private, message, context),
    )
