import pytest

from novacron.errors import TooBusy
from scheduler.api.traffic import Held, Shares, held


def test_one_tenant_takes_half_at_most():
    shares = Shares(10, "things")
    for _ in range(5):
        shares.take(1, 1)
    with pytest.raises(TooBusy, match="too many things"):
        shares.take(1, 1)
    shares.take(2, 5)
    with pytest.raises(TooBusy):
        shares.take(3, 1)
    shares.give(1, 5)
    shares.take(3, 5)


def test_what_a_request_holds_is_given_back_whole():
    shares = Shares(10, "things")
    scope: dict[str, object] = {}
    one = Held(scope)
    assert held(scope) is one
    one.take(shares, 1)
    one.take(shares, 1, 4)
    with pytest.raises(TooBusy):
        one.take(shares, 1)
    one.give_back()
    shares.take(1, 5)
