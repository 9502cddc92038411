"""Lines of the log: plain to read, impossible to forge."""

import shlex

from hypothesis import given, strategies

from shared.telemetry import LONGEST, line


def test_a_line_is_a_word_and_its_facts():
    assert line("dispatched", tasks=3, queues="cpu-sim:3", cause=None, took_s=0.12345) == (
        "dispatched tasks=3 queues=cpu-sim:3 took_s=0.123"
    )
    assert line("leader_lost", cause="a word = two\nleader_gained") == (
        'leader_lost cause="a word = two\\nleader_gained"'
    )


@given(strategies.text(max_size=2 * LONGEST))
def test_no_value_forges_a_line_or_a_fact(text):
    made = line("submitted", name=text, job="j1")
    assert "\n" not in made and "\r" not in made and made.isprintable()
    assert len(shlex.split(made)) == 3 and made.endswith(" job=j1")
