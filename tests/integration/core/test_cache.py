"""The result cache on a real Redis."""

import json
from typing import Any

import pytest
from redis import Redis

from shared import cache
from shared.cache import ResultCache


@pytest.fixture
def results(redis_server, redis_url) -> ResultCache:
    redis_server.empty()
    return ResultCache(redis_url, "")


@pytest.mark.parametrize("value", [{"energy": -1.1372701746609, "x": [0.1, None]}, [], 0, False, "π", {}])
def test_what_is_put_is_got(results: ResultCache, value: Any) -> None:
    results.put("key", json.dumps(value))
    assert results.get("key") == value
    assert results.get("another") is None


def test_a_result_is_kept_for_a_week_under_our_own_prefix(results: ResultCache, redis_url: str) -> None:
    results.put("key", "1")
    with Redis.from_url(redis_url) as connection:
        assert connection.keys() == [b"novacron:result:key"]
        left = connection.ttl("novacron:result:key")
    assert isinstance(left, int) and cache.KEEP_S - 5 <= left <= cache.KEEP_S


def test_installations_with_prefixes_share_no_result(results: ResultCache, redis_url: str) -> None:
    one, two = ResultCache(redis_url, "one:"), ResultCache(redis_url, "two:")
    one.put("key", "1")
    assert (one.get("key"), two.get("key"), results.get("key")) == (1, None, None)


def test_a_result_too_large_is_let_pass(results: ResultCache) -> None:
    results.put("large", json.dumps("x" * cache.LARGEST_BYTES))
    assert results.get("large") is None
    results.put("fits", json.dumps("x" * (cache.LARGEST_BYTES - 2)))
    assert results.get("fits") is not None


def test_an_absent_redis_is_a_miss(caplog) -> None:
    absent = ResultCache("redis://127.0.0.1:1/0", "")
    absent.put("key", "1")
    assert absent.get("key") is None
    assert "result cache" in caplog.text


def test_a_redis_that_was_killed_is_a_miss_and_then_serves_again(results: ResultCache, redis_server) -> None:
    results.put("key", "1")
    redis_server.child.kill()
    assert results.get("key") is None
    redis_server.ensure()
    results.put("key", "2")
    assert results.get("key") == 2
