"""Changed inputs of every parser: typed errors only, and no secret in a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as some

from testing.fuzz.parsers import Parser, leaked, parsers

PARSERS = parsers()
EXAMPLES = 60


@some.composite
def changed(draw: some.DrawFn, samples: tuple[bytes, ...]) -> bytes:
    """A good input with a stretch of it replaced, repeated, or cut out; or any bytes at all."""
    data = draw(some.sampled_from(samples))
    for _ in range(draw(some.integers(0, 3))):
        start = draw(some.integers(0, len(data)))
        end = draw(some.integers(start, min(len(data), start + 64)))
        put = draw(some.one_of(some.binary(max_size=16), some.just(data[start:end] * 2)))
        data = data[:start] + put + data[end:]
    return draw(some.one_of(some.just(data), some.binary(max_size=256)))


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_raises_its_own_errors_only(name):
    parser = PARSERS[name]

    @hypothesis(max_examples=EXAMPLES, deadline=None)
    @given(changed(parser.samples))
    def feed(data: bytes) -> None:
        parser.feed(data)

    feed()


@pytest.mark.parametrize("name", PARSERS)
def test_the_samples_are_well_formed(name):
    parser = PARSERS[name]
    for sample in parser.samples:
        parser.feed(sample)


def test_a_leak_is_seen():
    secret = bytes(range(40, 90))

    def leaking(data: bytes) -> None:
        from novacron.errors import BadInput

        raise BadInput(f"cannot read {data.hex()}")

    assert leaked(secret, f"... {secret.hex()[10:40]} ...")
    with pytest.raises(AssertionError):
        Parser("leaking", leaking, (secret,), secret=True).feed(secret)
