"""An installation that permits few algorithms: what its API and its key store refuse."""

from pathlib import Path

import pytest

from novacron.algorithms import find
from novacron.errors import BadInput
from shared.crypto import permitted
from tests.integration.conftest import Api
from workers.crypto.keys.key_pairs import generated
from workers.crypto.keys.keystore import KeyStore

FILE = """\
algorithms:
  kem: [kyber768]
  signature: [dilithium3]
  hybrid_mode: true
  migration_timeline: "24m"
"""

CERTIFICATE = {"subject": {"common_name": "a"}, "validity_period": "30d"}


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("permitted") / "pq-crypto.yaml"
    path.write_text(FILE)
    return path


@pytest.fixture(scope="module")
def api(database_url: str, redis_url: str, tmp_path_factory, file: Path):
    running = Api(database_url, redis_url, tmp_path_factory.mktemp("api"), NOVACRON_PQ_CRYPTO_FILE=str(file))
    running.wait()
    yield running
    running.stop()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("keys/generate", {"algorithm": "ML-DSA-87"}),
        ("keys/generate", {"algorithm": "ML-KEM", "parameters": {"parameter_set": 1024}}),
        (
            "certificates/generate",
            {"algorithm": "ECDSA-P256", "subject": {"common_name": "a"}, "validity_period": "30d"},
        ),
    ],
)
def test_the_api_refuses_what_is_not_permitted_before_a_worker_sees_it(api: Api, path, body):
    answer = api.http.post(f"/api/crypto/{path}", json=body)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert (error["field"], error["rule"]) == ("algorithm", "is not permitted in this installation")
    assert error["hint"].startswith("use ML-")


def test_algorithms_say_whether_they_are_permitted(api: Api):
    rows = api.http.get("/api/crypto/algorithms").json()["algorithms"]
    assert {row["name"] for row in rows if row["permitted"]} == {"ML-KEM-768", "X-Wing", "ML-DSA-65"}


def test_plans_take_permitted_targets_and_the_timeline(api: Api):
    body = {"components": [{"name": "signer", "kind": "stored_key", "algorithm": "ECDSA-P384"}]}
    made = api.http.post("/api/crypto/migration/plan", json=body)
    assert made.status_code == 201, made.text
    assert "ML-DSA-65" in made.text and "ML-DSA-87" not in made.text
    refused = api.http.post(
        "/api/crypto/migration/plan", json={**body, "target_algorithms": ["ML-DSA-87"], "timeline": "12m"}
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "target_algorithms[0]"


@pytest.fixture
def strict(store, file: Path) -> KeyStore:
    """The store of a tenant where few algorithms are permitted."""
    made: KeyStore = store(allowed=permitted.load(str(file)))
    return made


def test_the_store_takes_no_other_key_from_anybody(strict: KeyStore):
    for act in (
        lambda: strict.generate("ECDSA-P256"),
        lambda: strict.generate("ML-KEM-1024"),
        lambda: strict.import_(generated(find("ML-DSA-44"))),
    ):
        with pytest.raises(BadInput):
            act()
    assert strict.generate("ECDSA-P256", beside="ML-DSA-65").algorithm == "ECDSA-P256"


def test_a_key_from_before_signs_on_and_is_rotated_to_a_permitted_one(store, strict: KeyStore):
    old = store().generate("ECDSA-P256")
    assert strict.sign(old.key_id, b"message").value
    with pytest.raises(BadInput, match="is not permitted"):
        strict.rotate(old.key_id)
    assert strict.rotate(old.key_id, algorithm="ML-DSA-65").algorithm == "ML-DSA-65"


def test_the_service_s_own_keys_are_what_they_are(strict: KeyStore):
    assert strict.own("transport").algorithm == "X-Wing"
