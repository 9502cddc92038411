"""The server that tests scrape with: durations are divided, thresholds are not."""

from testing.prometheus import hastened


def test_durations_are_divided_and_numbers_are_not():
    given = "expr: rate(novacron_rate5m[5m]) > 1800\nfor: 30s\nsummary: 5 % for 3 min\nwithin: 1h"
    assert hastened(given) == (
        "expr: rate(novacron_rate5m[20000ms]) > 1800\nfor: 2000ms\nsummary: 5 % for 3 min\nwithin: 240000ms"
    )
