"""What users wrote is shown as they wrote it and is never an instruction, whatever shows it."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from novacron import _text
from novacron._view import JobView
from novacron.cli.console import PlainConsole
from novacron.plots import drawing
from tests.unit.novacron.cli.test_cli import run
from tests.unit.novacron.conftest import Scheduler, event

CLI = Path(__file__).resolve().parents[3] / "novacron" / "cli"
HOSTILE = [
    "[/x]",
    "[bold red]b[/bold red]",
    "[link=file:///x]",
    ":warning: \\[/]",
    "\x1b[2J\x1b]0;t\x07\x9b31m\x7f",
    "abc\u202edcba\u2066\u200b\ufeff",
    "$\\frac{1}{$ x_y^z",
    "<script>alert(1)</script>",
    "a\rb\x08c",
    "\ud800 half",
    "=cmd|x",
    "%s {0}",
]


def printed(*renderables: Any, width: int = 200) -> str:
    console = PlainConsole(width=width, force_terminal=False)
    with console.capture() as captured:
        console.print(*renderables)
    return captured.get()


def table_of(cell: str) -> Table:
    table = Table("name", "value", title=cell)
    table.add_row(cell, "")
    return table


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_shows_text_as_it_was_written(text: str) -> None:
    shown = printed(table_of(text))
    assert all(one.isprintable() or one == "\n" for one in shown)
    assert shown.count(_text.on_one_line(text).strip()) >= 2 or "\r" in text


@given(st.text(st.characters(codec=None), max_size=40))
def test_nothing_invisible_reaches_a_terminal(text: str) -> None:
    shown = printed(table_of(text), text, Text(text))
    assert not [one for one in shown if not one.isprintable() and one not in "\n\t" and not one.isspace()]
    assert "\x1b" not in shown


@given(st.text(st.characters(codec=None)))
def test_printable_text_stays_and_the_rest_is_named(text: str) -> None:
    shown = _text.printable(text)
    assert _text.printable(shown) == shown
    assert text != shown or all(_text._visible(one) for one in text)
    for one in text:
        assert (one in shown) if _text._visible(one) else f"<U+{ord(one):04X}>" in shown


def test_commands_speak_through_one_module_and_their_outer_edge_only() -> None:
    for path in CLI.rglob("*.py"):
        called = {
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
        }
        assert path.name in ("output.py", "edge.py") or "print" not in called, path
        assert not {"Console", "sys.stdout.write", "sys.stderr.write", "typer.echo"} & called, path


@pytest.fixture
def hostile_jobs(scheduler: Scheduler) -> Scheduler:
    for text in HOSTILE:
        spec = {"kind": "hybrid_vqe", "name": text, "hamiltonian": {}}
        job = scheduler.add(spec, backend=text, error_message=text, error={"class": "user", "message": text})
        job["result"] = {"energy": -1.0, "backend": text, "receipt": {"queue": text}}
        job["status"] = "completed"
        placed = event("placement", queue=text, backend=text, why=text, granularity=text)
        ended = event("job", status="completed", cause=text)
        scheduler.events[job["job_id"]] = [placed, event("warning", message=text), ended]
    return scheduler


def assert_tame(said: str) -> None:
    assert "Traceback" not in said
    assert all(one.isprintable() or one in "\n\t" for one in said), ascii(said)


@pytest.mark.parametrize("position", range(len(HOSTILE)))
def test_a_job_with_a_hostile_name_is_shown(hostile_jobs: Scheduler, position: int) -> None:
    job_id, shown = f"job-{position + 1}", _text.printable(HOSTILE[position])
    for command in (["job", job_id], ["job", job_id, "--watch"], ["result", job_id]):
        done = run(*command)
        assert done.returncode == 0, done.stderr
        assert_tame(done.stdout + done.stderr)
        assert shown[:8] in done.stdout or "\r" in HOSTILE[position]


def test_listings_show_hostile_names(hostile_jobs: Scheduler) -> None:
    listed = run("jobs", COLUMNS="200")
    assert listed.returncode == 0, listed.stderr
    assert_tame(listed.stdout)
    for text in HOSTILE:
        assert _text.printable(text) in listed.stdout or "\r" in text, text
    assert len(json.loads(run("jobs", "--json").stdout)["jobs"]) == len(HOSTILE)
    for job_id in list(hostile_jobs.jobs):
        told = run("events", job_id)
        assert told.returncode == 0
        assert_tame(told.stdout)


def test_a_narrow_encoding_is_no_reason_to_fail(hostile_jobs: Scheduler) -> None:
    hostile_jobs.add({"kind": "hybrid_vqe", "name": "名前 é"})
    done = run("jobs", PYTHONIOENCODING="ascii", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "[/x]" in done.stdout


@pytest.mark.parametrize("text", HOSTILE)
def test_a_failed_job_tells_a_hostile_cause(scheduler: Scheduler, text: str) -> None:
    job = scheduler.add({"kind": "hybrid_vqe", "name": text}, status="failed", error_message=text)
    scheduler.events[job["job_id"]].append(event("job", status="failed", cause=text))
    done = run("job", job["job_id"], "--watch")
    assert done.returncode == 1
    assert_tame(done.stdout + done.stderr)
    refused = {"title": "refused", "status": 422, "detail": text, "errors": [{"field": text, "rule": text}]}
    scheduler.refusal = (422, refused)
    done = run("jobs")
    assert done.returncode == 2
    assert_tame(done.stdout + done.stderr)


@pytest.mark.parametrize("text", HOSTILE)
def test_pictures_typeset_nothing(text: str) -> None:
    job = {
        "job_id": "j", "kind": "quantum_ml", "name": text, "status": "completed",
        "result": {"test_accuracy": 0.5, "predictions": [text, "b"], "test_labels": ["b", text]},
    }  # fmt: skip
    assert drawing.draw(job, {}).png.startswith(b"\x89PNG")


@pytest.mark.parametrize("text", HOSTILE)
def test_notebooks_escape_names(text: str) -> None:
    shown = JobView({"job_id": text, "kind": "k", "name": text, "status": "failed", "error_message": text})
    html = shown._repr_html_()
    assert "<script" not in html and all(one.isprintable() for one in html.replace("\n", ""))
    assert "\n" not in repr(shown) and repr(shown).isprintable()
