"""Random programs over all simulators against a dense reference.

`python -m benchmarks.differential` runs more of them.
"""

import pytest

from testing.random_circuits.compare import differences
from testing.random_circuits.generate import case
from testing.random_circuits.text import write

CASES = 120
AT_ONCE = 24


@pytest.mark.parametrize("first", range(0, CASES, AT_ONCE))
def test_random_circuits_give_what_the_reference_gives(first):
    for seed in range(first, first + AT_ONCE):
        made = case(seed)
        found = differences(made, seed, sampled=seed % 4 == 0)
        assert not found, f"seed {seed}\n{write(made.program)}\n{made.noise and made.noise.document}\n{found}"
