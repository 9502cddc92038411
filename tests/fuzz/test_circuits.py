"""Wrong circuits of both languages: a record or a refusal with its reason, never another error."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from testing.fuzz.circuits import changed, exchanged, feed, samples, soup

SAMPLES = samples()


@pytest.mark.parametrize("text", SAMPLES)
def test_the_samples_are_read(text):
    feed(text)


@pytest.mark.parametrize("change", [changed, exchanged])
def test_changed_circuits_are_read_or_refused(change):
    @settings(max_examples=200, deadline=None)
    @given(some.sampled_from(SAMPLES), some.integers(0, 2**32))
    def check(text, seed):
        feed(change(text, random.Random(seed)))

    check()


@settings(max_examples=200, deadline=None)
@given(some.integers(0, 2**32))
def test_soup_of_tokens_is_read_or_refused(seed):
    feed(soup(random.Random(seed)))


@settings(max_examples=200, deadline=None)
@given(some.sampled_from(SAMPLES), some.data())
def test_circuits_with_changed_characters_are_read_or_refused(text, data):
    at = data.draw(some.integers(0, len(text)))
    cut = data.draw(some.integers(0, 3))
    feed(text[:at] + data.draw(some.text(max_size=3)) + text[at + cut :])
