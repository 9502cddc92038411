"""Functions of a parser process: from the bytes of a request's body to those of the response."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from novacron.answers.explanation import Explanation
from novacron.answers.migration import Assessment
from novacron.answers.plan import MigrationPlan
from novacron.errors import BadInput
from novacron.json_types import Json, JsonObject
from novacron.specs.refusal import validated
from novacron.specs.sweep import Growth
from scheduler.api.parsers import frames, json_text
from scheduler.api.parsers.circuit_body import circuit_job, named_as_in
from scheduler.planning import again, many
from scheduler.planning.submission import Request, Submission
from scheduler.pqc.cbom import requests as bills
from scheduler.pqc.cbom import schema
from scheduler.pqc.cbom.documents import Bill
from scheduler.pqc.migration import requests as migrations
from shared.circuits.reader import read
from shared.db import reading, session
from shared.db.tokens import Bearer
from shared.settings import Settings

WARM: Final = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];',
    "OPENQASM 3.0; qubit q; U(0, 0, 0) q;",
)


LOCATION: Final = {"plan": "/api/crypto/migration/plans/{plan_id}"}
"""Function -> path of the resource that it creates."""


class Calls:
    """The functions by name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = session.create(settings.database_url, pool_size=1)
        self._submission = Submission(settings, self._engine, read_circuit)
        self._named: dict[str, Callable[..., Any]] = {
            "submit": self._submit, "submit_many": self._submit_many, "execute": self._execute,
            "replay": self._replay, "extend": self._extend, "retry": self._retry,
            "explain": self._explain, "assess": self._assess, "plan": self._plan,
            "export_cbom": _export_cbom, "import_cbom": _import_cbom,
        }  # fmt: skip

    def warm(self) -> None:
        """Load everything once, before the first request."""
        for text in WARM:
            read_circuit(text)
        for version in schema.VERSIONS:
            with suppress(BadInput):
                bills.imported({"bomFormat": "CycloneDX", "specVersion": version, "version": 1})

    def run(self, head: frames.Request, body: bytes) -> tuple[dict[str, str], bytes]:
        """Return the headers of the response and the JSON of the function's return value.

        Args:
            head: `call` (name of the function), `who` (the caller), further `arguments`.
            body: JSON; empty for functions without one.
        """
        name = head["call"]
        value = json_text.loads(body) if body else None
        given = self._named[name](value, Bearer(**head["who"]), **head["arguments"])
        headers = {"Location": LOCATION[name].format_map(given)} if name in LOCATION else {}
        return headers, json.dumps(given, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

    def _submit(self, body: Json, who: Bearer, key: str | None) -> str:
        return self._submission.submit(body, Request(who, key))

    def _submit_many(self, body: Json, who: Bearer, key: str | None) -> dict[str, Any]:
        ids = many.submit(self._submission, self._engine, body, Request(who, key))
        with session.borrowed(self._engine) as connection:
            found = (reading.document(connection, who.tenant_id, job_id) for job_id in ids)
            return {"jobs": [one.plain() for one in found if one is not None]}

    def _execute(self, body: Json, who: Bearer, key: str | None) -> str:
        job = circuit_job(body)
        with named_as_in(body):
            return self._submission.submit(job, Request(who, key))

    def _replay(self, _: None, who: Bearer, key: str | None, job_id: str) -> str:
        with session.borrowed(self._engine) as connection:
            spec = reading.spec(connection, who.tenant_id, job_id)
        return self._submission.replay(spec, Request(who, key, replay_of=job_id))

    def _extend(self, body: Json, who: Bearer, key: str | None, job_id: str) -> str:
        over = validated(Growth, body).model_dump(mode="json")["over"]
        with session.borrowed(self._engine) as connection:
            return again.extend(self._submission, connection, job_id, over, Request(who, key))

    def _retry(self, _: None, who: Bearer, key: str | None, job_id: str) -> str:
        with session.borrowed(self._engine) as connection:
            return again.retry(self._submission, connection, job_id, Request(who, key))

    def _explain(self, body: Json, who: Bearer) -> Explanation:
        return self._submission.explain(body, who)

    def _assess(self, body: Json, _: Bearer) -> Assessment:
        return migrations.assessed(self._settings, _object(body), datetime.now(UTC).date())

    def _plan(self, body: Json, who: Bearer, key: str | None) -> MigrationPlan:
        return migrations.planned(self._settings, self._engine, who, _object(body), key)


def read_circuit(text: str) -> dict[str, Json]:
    """Return the record of an OpenQASM text.

    Raises:
        BadInput: it is malformed or exceeds a limit; includes line and column where known.
    """
    return read(text).to_json()


def _object(body: Json) -> JsonObject:
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    return body


def _export_cbom(body: Json, _: Bearer) -> Bill:
    return bills.exported(_object(body))


def _import_cbom(body: Json, _: Bearer) -> JsonObject:
    return bills.imported(_object(body))
