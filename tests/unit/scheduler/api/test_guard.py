import pytest

from scheduler.api import guard
from scheduler.api.app import create
from scheduler.api.guard import limit
from shared.db.tokens import Bearer
from shared.settings import Settings

MOST = Settings().max_body_bytes
JOBS, OCSP = "/api/quantum/jobs", "/api/crypto/certificates/certificate_1/ocsp"


def holder(role):
    return Bearer(1, "a", "token", role)


@pytest.mark.parametrize(
    ("path", "role", "most"),
    [
        (JOBS, None, 1 << 16),
        (JOBS, "read", 8 << 20),
        (JOBS, "submit", MOST),
        (JOBS, "admin", MOST),
        (OCSP, None, 4096),
        (OCSP, "admin", 4096),
        ("/api/tokens", "admin", 1 << 20),
        ("/api/crypto/keys/generate", None, 1 << 16),
        ("/api/crypto/keys/generate", "submit", 1 << 20),
        ("/nowhere", "admin", 1 << 20),
    ],
)
def test_a_limit_follows_from_route_and_role(path, role, most):
    assert limit(path, holder(role) if role else None, MOST) == most


def test_no_limit_is_above_the_setting():
    for path in (JOBS, "/api/crypto/keys/generate"):
        assert limit(path, holder("admin"), 1000) == 1000
        assert limit(path, holder("read"), 1000) == 1000


def test_routes_with_limits_of_their_own_are_routes():
    assert set(create(Settings()).openapi()["paths"]) >= guard.WHOLE
