"""Ids of keys."""

import re
import time

from shared.db.crypto.keys import new_key_id


def test_ids_are_distinct_and_in_the_order_of_time():
    first = new_key_id()
    time.sleep(0.002)
    assert re.fullmatch(r"key_[0-9A-HJKMNP-TV-Z]{26}", first)
    assert first < new_key_id()
    assert len({new_key_id() for _ in range(1000)}) == 1000
