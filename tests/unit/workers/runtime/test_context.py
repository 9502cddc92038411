"""What an operation sees."""

from workers.runtime.context import Inputs


def test_inputs_are_read_when_first_looked_at_and_once():
    reads = []

    def read():
        reads.append(1)
        return [{"value": 1}, None, [2]]

    inputs = Inputs(read)
    assert reads == []
    assert list(inputs) == [{"value": 1}, None, [2]]
    assert (len(inputs), inputs[0], inputs[-1], inputs[1:]) == (3, {"value": 1}, [2], [None, [2]])
    assert reads == [1]
