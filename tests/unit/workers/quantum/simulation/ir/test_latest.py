from workers.quantum.simulation.ir.latest import Latest


def test_the_latest_is_kept_and_the_one_before_is_not():
    made: list[int] = []
    latest: Latest[int] = Latest()

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [latest.get(key, make) for key in ("a", "a", "b", "b", "a")] == [0, 0, 1, 1, 2]


def test_nothing_is_a_thing_too():
    latest: Latest[None] = Latest()
    assert latest.get((), lambda: None) is None
    assert latest.get((), lambda: 1 / 0) is None  # type: ignore[arg-type]
