import json
import subprocess
import sys
from pathlib import Path

from novacron.algorithms import ALGORITHMS, find
from shared.crypto import liboqs, libraries
from shared.crypto.permitted import EVERYTHING
from workers.crypto import providers

ROOT = Path(__file__).parents[4]


def test_the_listing_is_json_with_a_row_each():
    listed = json.loads(json.dumps(libraries.listing(EVERYTHING)))
    assert [row["name"] for row in listed["algorithms"]] == list(ALGORITHMS)
    assert set(listed) == {"algorithms", "kem_algorithms", "signature_algorithms", "encryption_algorithms"}
    rows = {row["name"]: row for row in listed["algorithms"]}
    for type_ in ("kem", "signature", "encryption"):
        assert listed[f"{type_}_algorithms"] == [name for name, row in rows.items() if row["type"] == type_]
    assert rows["ML-KEM-768"]["available"] and rows["ML-KEM-768"]["ciphertext_bytes"] == 1088
    assert [one["name"] for one in rows["ML-KEM-768"]["providers"]] == ["cryptography", "pycryptodome"]
    assert rows["Kyber768"]["successor"] == "ML-KEM-768" and rows["ML-KEM-768"]["successor"] is None
    assert rows["RSA-2048"]["quantum_vulnerable"] and not rows["X-Wing"]["quantum_vulnerable"]


def test_what_is_not_here_says_why(monkeypatch):
    monkeypatch.setattr(liboqs, "probed", lambda: liboqs.Liboqs("it was left at home"))
    libraries.refusal.cache_clear()
    row = next(row for row in libraries.listing(EVERYTHING)["algorithms"] if row["name"] == "Falcon-512")
    assert row["available"] is False
    assert row["providers"] == [{"name": "liboqs", "available": False, "why": "it was left at home"}]
    libraries.refusal.cache_clear()


def test_every_provider_named_is_known():
    named = {name for one in ALGORITHMS.values() for name in one.providers}
    assert named == set(providers.PROVIDERS) == {*libraries.MODULES, "liboqs"}


def test_looking_does_not_import_the_libraries():
    code = (
        "import sys; from shared.crypto import libraries, permitted; libraries.listing(permitted.EVERYTHING);"
        "assert not {'cryptography', 'Crypto', 'oqs'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_preferred_one_comes_first():
    assert libraries.present(find("ML-DSA-65")) == ["cryptography", "pycryptodome"]
    assert libraries.present(find("ML-KEM-512")) == ["pycryptodome"]
