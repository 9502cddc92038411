import asyncio
import json
from typing import Any

import pytest
from fastapi import Request

from novacron.errors import BadInput
from novacron.specs.crypto.certificates import GenerateCertificate, SignCertificateRequest
from novacron.specs.crypto.keys import RotateKey
from scheduler.api.body import MOST_VALUES, operation, record
from scheduler.api.models.key import KeyImport
from scheduler.api.models.token import NewTenant
from shared import content
from tests.unit.novacron.specs.crypto.test_certificate_specs import WHOLE

KEY = "key_" + "0" * 26


def read(dependency: Any, body: object, **at: str) -> Any:
    """What a dependency gives for a body, text or else a value, at an address with these variables."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "path_params": at}
    return asyncio.run(dependency.dependency(Request(scope, receive)))


def test_an_operation_is_a_spec_with_the_variables_of_its_address():
    wanted = read(operation(RotateKey), {"expected_version": 3, "key_id": "another"}, key_id=KEY)
    assert type(wanted.spec) is RotateKey
    assert (wanted.spec.key_id, wanted.spec.expected_version, wanted.spec.dry_run) == (KEY, 3, False)


def test_a_repeat_is_known_by_the_body_as_it_came():
    wanted = read(operation(RotateKey), {"expected_version": 3}, key_id=KEY)
    job = {"expected_version": 3, "kind": "cryptographic", "operation": "rotate_key", "key_id": KEY}
    assert wanted.given == job and wanted.digest == content.digest(job)
    with_default = read(operation(RotateKey), {"expected_version": 3, "dry_run": False}, key_id=KEY)
    assert with_default.spec == wanted.spec and with_default.digest != wanted.digest


def test_a_key_of_the_body_chooses_the_model():
    issue = operation(GenerateCertificate, csr=SignCertificateRequest)
    assert type(read(issue, WHOLE["generate_certificate"]).spec) is GenerateCertificate
    assert type(read(issue, WHOLE["sign_certificate_request"]).spec) is SignCertificateRequest


def test_an_empty_body_is_an_empty_object():
    assert read(operation(RotateKey), b"", key_id=KEY).spec == RotateKey(key_id=KEY)


@pytest.mark.parametrize(
    ("body", "field", "rule", "hint"),
    [
        (b"{", None, "the body is not JSON", None),
        ([], None, "the body must be a JSON object", None),
        ({"weight": 1}, "tenant", "is required", None),
        ({"tenant": "a", "weigth": 1}, "weigth", "unknown key", "did you mean 'weight'?"),
        ({"tenant": "a", "weight": 0}, "weight", "must be greater than 0", None),
        ({"tenant": [0] * (MOST_VALUES + 2)}, None, "the body has more than 20,000 values", None),
    ],
)
def test_a_refusal_names_field_and_rule(body: object, field: str | None, rule: str, hint: str | None):
    with pytest.raises(BadInput) as caught:
        read(record(NewTenant), body)
    assert (caught.value.field, caught.value.hint) == (field, hint)
    assert caught.value.rule.startswith(rule)


def test_refusals_of_secrets_show_no_value():
    for body in ({"private_key": ["secret"]}, {"private_key": "x", "password": 7, "usage": "secret"}):
        with pytest.raises(BadInput) as shown:
            read(operation(KeyImport), body)
        with pytest.raises(BadInput) as hidden:
            read(operation(KeyImport, secret=True), body)
        assert any(one.value is not None for one in shown.value.all)
        assert [one.value for one in hidden.value.all] == [None] * len(shown.value.all)
