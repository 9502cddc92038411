"""The table of queues, and what is declared of backends."""

from shared.quantum.backends import BACKENDS
from shared.queues import QUEUES


def test_the_queues_go_by_their_names():
    assert list(QUEUES) == ["gpu-sim", "cpu-sim", "qpu-ibm", "qpu-ionq", "crypto"]
    assert all(queue.name == name for name, queue in QUEUES.items())


def test_every_backend_runs_on_a_queue_there_is():
    for name, backend in BACKENDS.items():
        assert backend.name == name
        assert backend.queue in QUEUES


def test_hardware_is_never_chunked_nor_hoarded():
    for name in ("qpu-ibm", "qpu-ionq"):
        assert (QUEUES[name].chunk, QUEUES[name].horizon_s) == (1, 0.0)


def test_a_backend_is_shown_as_available_only_where_it_can_run():
    shown = BACKENDS["statevector"].shown(live=True)
    assert (shown["available"], shown["why"]) == (True, "")
    shown = BACKENDS["statevector"].shown(live=False)
    assert not shown["available"] and "cpu-sim" in shown["why"]
    for backend in BACKENDS.values():
        if backend.missing:
            assert backend.shown(live=True)["why"] == backend.missing
