"""Keys over HTTP. Operations on private keys run on workers of the `crypto` queue: the API holds none."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers import key as answers
from novacron.errors import BadInput, NotFound
from novacron.specs import Spec
from novacron.specs.crypto.keys import (
    DestroyKey,
    GenerateKey,
    ImportKey,
    RetireKey,
    RotateKey,
    TransportKey,
)
from scheduler.api.body import Operation, hide_values, operation
from scheduler.api.jobs import Key
from scheduler.api.models.key import KeyImport
from scheduler.api.models.page import KeyPage
from scheduler.api.operations import performed
from scheduler.api.services import Admin, Caller, Reader, Services, ServicesDep, Submitter
from shared import content
from shared.crypto import transport
from shared.db import session
from shared.db.crypto import keys
from shared.db.crypto.keys import StoredKey
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/crypto/keys")

Changed = answers.Key | answers.KeyRehearsal
"""The response to a change; a dry run returns the latter."""
Change = TypeVar("Change", RotateKey, RetireKey, DestroyKey)

New = Annotated[Operation[GenerateKey], operation(GenerateKey)]
Import = Annotated[Operation[KeyImport], operation(KeyImport, secret=True)]
Rotation = Annotated[Operation[RotateKey], operation(RotateKey)]
Retirement = Annotated[Operation[RetireKey], operation(RetireKey)]
Destruction = Annotated[Operation[DestroyKey], operation(DestroyKey)]


def _own(key_id: str, found: ServicesDep, who: Caller) -> StoredKey:
    return _stored(found, who, key_id)


Own = Annotated[StoredKey, Depends(_own)]
"""The key named by the path."""


def _stored(found: Services, who: Bearer, key_id: str) -> StoredKey:
    with session.borrowed(found.engine) as connection:
        key = keys.find(connection, who.tenant_id, key_id)
    if key is None:
        raise NotFound(f"there is no key {key_id!r} in this tenant")
    return key


async def _made(
    found: Services, who: Bearer, wanted: Spec, key: str | None, digest: str, status: int = 200
) -> JSONResponse:
    """Return the key that an operation created or changed."""
    result = await performed(found, who, wanted, key, digest)
    stored = await run_in_threadpool(_stored, found, who, result["key_id"])
    return JSONResponse(stored.document(), status)


async def _changed(
    found: Services, who: Bearer, stored: StoredKey, wanted: Operation[Change], key: str | None
) -> JSONResponse:
    """Return the key after a change; refuse the change early where the key's state does not permit it.

    A dry run returns the key's dependents, and how often and where it was used.
    """
    match wanted.spec:
        case RotateKey(dry_run=True) | RetireKey(dry_run=True) | DestroyKey(dry_run=True):
            return JSONResponse(await performed(found, who, wanted.spec, key, wanted.digest))
        case RotateKey(expected_version=expected):
            stored.check_rotatable(expected)
        case DestroyKey(version=version):
            stored.check_destroyable(version)
    return await _made(found, who, wanted.spec, key, wanted.digest)


@router.post("/generate", status_code=201, response_model=answers.Key)
async def generate(found: ServicesDep, who: Submitter, wanted: New, key: Key = None) -> JSONResponse:
    """Generate a key."""
    return await _made(found, who, wanted.spec, key, wanted.digest, 201)


@router.post("/import", status_code=201, response_model=answers.Key)
async def import_(found: ServicesDep, who: Submitter, wanted: Import, key: Key = None) -> JSONResponse:
    """Import a key generated elsewhere; its private key is sealed at once to the worker that stores it."""
    transport_key = await _transport_key(found, who)
    spec, digest = await run_in_threadpool(_sealed, wanted, transport_key, who)
    try:
        return await _made(found, who, spec, key, digest, 201)
    except BadInput as error:
        # A private key or its password may have been sent in another field.
        hide_values(error)
        raise


def _sealed(wanted: Operation[KeyImport], transport_key: answers.Key, who: Bearer) -> tuple[ImportKey, str]:
    """Return the job that imports a key, and the digest of the request.

    Sealing is randomized, so a repeated request is recognised by the plaintext.
    """
    sealed = transport.seal(
        base64.b64decode(transport_key.public_key),
        json.dumps(wanted.spec.secret).encode(),
        tenant_id=who.tenant_id,
        key_id=transport_key.key_id,
    )
    fields = {"transport_key": transport_key.key_id, "sealed": base64.b64encode(sealed).decode()}
    open_ = {name: value for name, value in wanted.given.items() if name not in ("private_key", "password")}
    spec = ImportKey.model_validate(open_ | fields)
    hashed = hashlib.sha256(wanted.spec.private_key.encode()).hexdigest()
    repeated = {name: value for name, value in open_.items() if name not in ("kind", "operation")}
    return spec, content.digest({**repeated, "private_key": hashed})


async def _transport_key(found: Services, who: Bearer) -> answers.Key:
    def known() -> StoredKey | None:
        with session.borrowed(found.engine) as connection:
            return keys.own(connection, who.tenant_id, "transport")

    key = await run_in_threadpool(known)
    return answers.Key(key.document() if key else await performed(found, who, TransportKey()))


@router.get("", response_model=KeyPage)
def listing(
    found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """List the caller's keys, newest first."""
    with session.borrowed(found.engine) as connection:
        rows = keys.listing(connection, who.tenant_id, limit=limit, after=after)
    following = rows[-1].key_id if len(rows) == limit else None
    return JSONResponse({"keys": [row.document() for row in rows], "next": following})


@router.get("/{key_id}", response_model=answers.Key)
def read(who: Reader, stored: Own) -> JSONResponse:
    """Return a key with the public keys of all its versions."""
    return JSONResponse(stored.document())


@router.post("/{key_id}/rotate", response_model=Changed)
async def rotate(
    found: ServicesDep, who: Submitter, stored: Own, wanted: Rotation, key: Key = None
) -> JSONResponse:
    """Create a new version; `algorithm` changes the algorithm, `expected_version` guards against races."""
    return await _changed(found, who, stored, wanted, key)


@router.post("/{key_id}/retire", response_model=Changed)
async def retire(
    found: ServicesDep, who: Admin, stored: Own, wanted: Retirement, key: Key = None
) -> JSONResponse:
    """Retire a key: it is not used for anything new."""
    return await _changed(found, who, stored, wanted, key)


@router.post("/{key_id}/destroy", response_model=Changed)
async def destroy(
    found: ServicesDep, who: Admin, stored: Own, wanted: Destruction, key: Key = None
) -> JSONResponse:
    """Destroy a key's private keys irreversibly, or that of one `version` that is no longer in use."""
    return await _changed(found, who, stored, wanted, key)
