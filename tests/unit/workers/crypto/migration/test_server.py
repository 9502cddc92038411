"""Commands of the operator: ended with their own process, and told with all that they wrote."""

import sys
import time

import pytest

from testing.patience import PATIENCE_S
from workers.crypto.migration import server
from workers.crypto.migration.action import Pace, ProofError


def test_a_daemon_that_keeps_the_output_open_is_not_waited_for(tmp_path):
    mark = tmp_path / "daemon"
    server.run(("sh", "-c", f"(sleep 300 & echo $! > {mark}) ; echo reloaded; echo told >&2"))
    pid = mark.read_text().strip()
    server.run(("kill", "-0", pid))
    server.run(("kill", pid))


def test_all_that_a_failing_command_wrote_is_told():
    script = "echo [emerg] bad directive >&2; echo; echo out; printf 'test failed\\n\\n' >&2; exit 1"
    with pytest.raises(ProofError) as failed:
        server.run(("sh", "-c", script))
    assert str(failed.value).endswith(" ended with 1: [emerg] bad directive; test failed")


def test_what_it_wrote_otherwise_is_told_where_it_complained_of_nothing():
    with pytest.raises(ProofError, match=r"was ended by signal 9: without a word$"):
        server.run(("sh", "-c", "kill -9 $$"))
    with pytest.raises(ProofError, match=r"ended with 3: out$"):
        server.run(("sh", "-c", "echo out; exit 3"))
    with pytest.raises(ProofError, match=r"^`false` ended with 1: without a word$"):
        server.run(("false",))


def test_long_output_is_told_without_its_middle():
    program = "import sys; sys.stderr.write('[emerg] first\\n' + 'x' * 10_000_000 + '\\nlast'); sys.exit(1)"
    with pytest.raises(ProofError) as failed:
        server.run((sys.executable, "-c", program))
    text = str(failed.value)
    assert "[emerg] first" in text and text.endswith("last") and "; ...; " in text
    assert len(text) < server.SHOWN_BYTES + 500


@pytest.mark.parametrize("written", ["\\000\\033[31m\\377", "\\342\\200\\256"])
def test_nothing_that_terminals_or_databases_choke_on_is_told(written):
    with pytest.raises(ProofError) as failed:
        server.run(("sh", "-c", f"printf '{written}' >&2; exit 1"))
    assert "\x00" not in str(failed.value) and all(one.isprintable() for one in str(failed.value))


def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path):
    mark = tmp_path / "child"
    with pytest.raises(ProofError, match=r"took longer than 0\.5 s: still at it$"):
        server.run(("sh", "-c", f"sleep 300 & echo $! > {mark}; echo still at it >&2; wait"), 0.5)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            server.run(("kill", "-0", mark.read_text().strip()))
        except ProofError:
            break
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("command", "why"),
    [(("/nonexistent/nginx", "-t"), "`/nonexistent/nginx -t` cannot be run: No such file"),
     (("nginx\0",), "cannot be run: embedded null byte")],
)  # fmt: skip
def test_what_cannot_be_run_says_why(command, why):
    with pytest.raises(ProofError, match="cannot be run") as failed:
        server.run(command)
    assert why in str(failed.value)


def test_one_good_answer_may_come_from_a_process_that_is_ending(monkeypatch):
    answers = ["new", "old", "new", "new", "old"]
    pace = Pace(60.0, lambda: None)
    found = server.settled(
        lambda: answers.pop(0), lambda seen: "old" if seen == "old" else None, pace, "x:1", 0.0
    )
    assert found == "new" and answers == ["old"]
    monkeypatch.setattr(server, "SETTLED_S", 0.0)
    with pytest.raises(ProofError, match="x:1: old"):
        server.settled(lambda: "old", lambda seen: seen, pace, "x:1", 0.0)
