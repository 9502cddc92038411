"""Keys over HTTP. What needs a private key is done by a worker of the `crypto` queue: none is here."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers import key as answers
from novacron.errors import BadInput, NotFound
from novacron.specs import parse_spec
from novacron.specs.crypto.keys import DestroyKey, RetireKey, RotateKey
from scheduler.api.bodies import object_of
from scheduler.api.jobs import Key
from scheduler.api.models.page import KeyPage
from scheduler.api.operations import performed
from scheduler.api.services import Admin, Reader, Services, ServicesDep, Submitter
from shared import content
from shared.crypto import transport
from shared.db import session
from shared.db.crypto import keys
from shared.db.crypto.keys import StoredKey
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/crypto/keys")

Changed = answers.Key | answers.KeyRehearsal
"""A dry run is answered by the latter."""
LARGEST_KEY_CHARACTERS = 1 << 16
_LONE = re.compile("[\ud800-\udfff]")


def _stored(found: Services, who: Bearer, key_id: str) -> StoredKey:
    with session.borrowed(found.engine) as connection:
        key = keys.find(connection, who.tenant_id, key_id)
    if key is None:
        raise NotFound(f"there is no key {key_id!r} of yours")
    return key


async def _made(
    found: Services, who: Bearer, wanted: dict[str, Any], key: str | None, status: int, **more: Any
) -> JSONResponse:
    """The key that an operation made or changed."""
    result = await performed(found, who, wanted, key, **more)
    stored = await run_in_threadpool(_stored, found, who, result["key_id"])
    return JSONResponse(stored.document(), status)


async def _changed(
    found: Services, who: Bearer, key_id: str, change: dict[str, Any], key: str | None
) -> JSONResponse:
    """The key after a change, which is refused here already where the key's state does not allow it.

    A dry run is answered by who needs the key, and how often and where it was used.
    """
    stored = await run_in_threadpool(_stored, found, who, key_id)
    wanted = {**change, "kind": "cryptographic", "key_id": key_id}
    match await run_in_threadpool(parse_spec, wanted):
        case RotateKey(dry_run=True) | RetireKey(dry_run=True) | DestroyKey(dry_run=True):
            return JSONResponse(await performed(found, who, wanted, key))
        case RotateKey(expected_version=expected):
            stored.check_rotatable(expected)
        case DestroyKey(version=version):
            stored.check_destroyable(version)
    return await _made(found, who, wanted, key, 200)


@router.post("/generate", status_code=201, response_model=answers.Key)
async def generate(request: Request, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """A new key: `algorithm`, and `parameters`, `usage` and `label` where wanted."""
    wanted = {**await object_of(request), "operation": "generate_key"}
    return await _made(found, who, wanted, key, 201)


@router.post("/import", status_code=201, response_model=answers.Key)
async def import_(request: Request, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """A key that was made elsewhere: `private_key` as PEM, and `password`, `usage` and `label` where wanted.

    The private key is sealed here, at once, for the worker that stores it.
    """
    body = await object_of(request)
    secret = _secret(body.pop("private_key", None), body.pop("password", None))
    digest = hashlib.sha256(secret["key"].encode()).hexdigest()
    transport_key = await _transport_key(found, who)
    sealed = transport.seal(
        base64.b64decode(transport_key["public_key"]),
        json.dumps(secret).encode(),
        tenant_id=who.tenant_id,
        key_id=transport_key["key_id"],
    )
    wanted = {
        **body, "operation": "import_key", "transport_key": transport_key["key_id"],
        "sealed": base64.b64encode(sealed).decode(),
    }  # fmt: skip
    # Sealing is different each time: a repeat is known by what was sealed.
    body_hash = content.digest({**body, "private_key": digest})
    try:
        return await _made(found, who, wanted, key, 201, body_hash=body_hash)
    except BadInput as error:
        # A private key, or its password, may have been put in another's place.
        for one in error.all:
            one.value = None
        raise


def _secret(key: object, password: object) -> dict[str, Any]:
    """What is sealed; refusals name the field and never show its value."""
    if not isinstance(key, str) or not key.isascii() or not 0 < len(key) <= LARGEST_KEY_CHARACTERS:
        rule = f"must be PEM text of at most {LARGEST_KEY_CHARACTERS} characters"
        raise BadInput(rule, field="private_key")
    if password is not None and not (isinstance(password, str) and _LONE.search(password) is None):
        raise BadInput("must be text", field="password")
    return {"key": key, "password": password}


async def _transport_key(found: Services, who: Bearer) -> dict[str, Any]:
    def known() -> StoredKey | None:
        with session.borrowed(found.engine) as connection:
            return keys.own(connection, who.tenant_id, "transport")

    key = await run_in_threadpool(known)
    return key.document() if key else await performed(found, who, {"operation": "transport_key"})


@router.get("", response_model=KeyPage)
def listing(
    found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """The caller's keys, newest first."""
    with session.borrowed(found.engine) as connection:
        rows = keys.listing(connection, who.tenant_id, limit=limit, after=after)
    following = rows[-1].key_id if len(rows) == limit else None
    return JSONResponse({"keys": [row.document() for row in rows], "next": following})


@router.get("/{key_id}", response_model=answers.Key)
def read(key_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """One key with the public keys of all its versions."""
    return JSONResponse(_stored(found, who, key_id).document())


@router.post("/{key_id}/rotate", response_model=Changed)
async def rotate(
    key_id: str, request: Request, found: ServicesDep, who: Submitter, key: Key = None
) -> JSONResponse:
    """A new version: `algorithm` changes the algorithm, `expected_version` guards against other rotations."""
    change = {**await object_of(request), "operation": "rotate_key"}
    return await _changed(found, who, key_id, change, key)


@router.post("/{key_id}/retire", response_model=Changed)
async def retire(
    key_id: str, request: Request, found: ServicesDep, who: Admin, key: Key = None
) -> JSONResponse:
    """The end of its new use."""
    change = {**await object_of(request), "operation": "retire_key"}
    return await _changed(found, who, key_id, change, key)


@router.post("/{key_id}/destroy", response_model=Changed)
async def destroy(
    key_id: str, request: Request, found: ServicesDep, who: Admin, key: Key = None
) -> JSONResponse:
    """Its private keys erased for ever, or that of one `version` no longer in use."""
    change = {**await object_of(request), "operation": "destroy_key"}
    return await _changed(found, who, key_id, change, key)
