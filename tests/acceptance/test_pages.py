"""Every code block of the pages that computes is run on a stack, its numbers compared with those shown.

The rule: a block computes if it is
- `yaml` with the key `kind` (without it, it is a part of a job): it is submitted and must complete;
- `python`: it is run; what each line `print(...)  # shown` prints must be what is shown;
- `console`: its commands `novacron ...` are run in order; the lines shown below a command must come in that
  order among those it says. `...` stands for what is left out.
Text must be the same, numbers to the digits shown; ids of jobs and times are left aside. Blocks of these
languages that are not run are listed below with the reason. A block runs in a folder that holds `examples/`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from testing.patience import PATIENCE_S
from tests.acceptance.stack import ROOT, Stack

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMPUTES = ("yaml", "python", "console")
OTHER_TESTS = {
    "add_a_backend.md": "a fragment of a class; its page is tested with the registry",
    "add_a_classical_function.md": "tests/unit/test_documentation.py and the plug-in of the acceptance tests",
    "add_a_crypto_algorithm.md": "tests/conformance/test_crypto_providers.py",
    "add_a_job_kind.md": "tests/unit/test_documentation.py runs the kind",
    "add_a_queue.md": "a line of configuration",
    "certificates.md": "keys and moments differ each time; tests/acceptance/test_certificates.py",
    "envelopes.md": "keys differ each time; tests/acceptance/test_envelopes.py",
    "hardware.md": "devices of a provider; tests/integration/test_qpu.py",
    "keys.md": "keys differ each time; tests/acceptance/test_keys.py",
    "migration.md": "looks at machines of the reader; tests/acceptance/test_migration.py",
    "tls.md": "starts a stack of its own; tests/acceptance/test_tls.py",
}
"""Pages none of whose blocks is run here, with where they are tested or why they are not."""
NOT_RUN = {
    ("README.md", "$ . .venv/bin/activate"): "starts the stack that the others run on",
    (
        "job_file.md",
        "$ novacron predict ID --data new.csv -o classes.csv",
    ): "the job is one of the reader's; tests/acceptance/test_data_files.py",
    ("operations.md", 'revision = "0100"'): "the head of a migration; tests/migration reads those there are",
}
NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]*\w)")
ASIDE = re.compile(r"(?<=job )[0-9a-f]{16}\b|(?<=time)\s+[\d.]+ s")


@dataclass(frozen=True)
class Block:
    """A code block: its page, language and text."""

    page: str
    language: str
    text: str

    @property
    def name(self) -> tuple[str, str]:
        return self.page, self.text.splitlines()[0]


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for language, text in re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
            job = language != "yaml" or "kind" in yaml.safe_load(text)
            if language in COMPUTES and job:
                yield Block(page.name, language, text)


RUN = [one for one in blocks() if one.page not in OTHER_TESTS and one.name not in NOT_RUN]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    shutil.copytree(ROOT / "examples", made / "examples")
    return made


def test_what_is_not_run_is_there() -> None:
    found = list(blocks())
    assert set(OTHER_TESTS) <= {one.page for one in found}
    assert set(NOT_RUN) <= {one.name for one in found}


@pytest.fixture(scope="module")
def token(stack: Stack) -> str:
    """Of a tenant of the pages' own: what other tests computed is not in its cache."""
    return stack.new_token("submit", "pages")


@pytest.mark.parametrize("block", RUN, ids=lambda one: f"{one.page}: {one.text.splitlines()[0]}")
def test_a_block_gives_what_it_shows(stack: Stack, folder: Path, token: str, block: Block) -> None:
    {"yaml": submit, "python": execute, "console": type_in}[block.language](stack, folder, token, block.text)


def submit(stack: Stack, folder: Path, token: str, text: str) -> None:
    path = folder / "block.yaml"
    path.write_text(text)
    done = stack.run("submit", str(path), "--watch", cwd=folder, url=stack.url, token=token)
    assert done.returncode == 0, done.stderr


def execute(stack: Stack, folder: Path, token: str, text: str) -> None:
    environment = os.environ | {
        "NOVACRON_URL": stack.url,
        "NOVACRON_TOKEN": token,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", text]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"^ *print\(.*\)  # (.*)$", text, re.MULTILINE)
    assert shown, "a block that computes shows what it gives"
    compare(shown, done.stdout.splitlines())


def type_in(stack: Stack, folder: Path, token: str, text: str) -> None:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        program, *arguments = shlex.split(command)
        assert program == "novacron", f"list the block that runs {program} with the reason"
        done = stack.run(*arguments, cwd=folder, url=stack.url, token=token)
        assert done.returncode == 0, done.stdout + done.stderr
        compare([line for line in shown if line != "..."], done.stdout.splitlines())


def compare(shown: list[str], said: list[str]) -> None:
    """Each line shown is said, in that order."""
    left = iter(said)
    for line in shown:
        assert any(same(line, one) for one in left), f"{line!r} is not in its place among {said}"


def same(shown: str, said: str) -> bool:
    """Whether words are equal and numbers agree to the digits shown."""
    shown, said = ASIDE.sub("", shown), ASIDE.sub("", said)
    if NUMBER.sub("", shown).split() != NUMBER.sub("", said).split():
        return False
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(said), strict=False)
    return len(NUMBER.findall(shown)) == len(NUMBER.findall(said)) and all(close(*pair) for pair in pairs)


def close(shown: str, said: str) -> bool:
    digits = len(shown.partition("e")[0].partition(".")[2])
    scale = 10.0 ** int(shown.partition("e")[2] or 0)
    return abs(float(shown.replace(",", "")) - float(said.replace(",", ""))) <= 0.6 * 10.0**-digits * scale


@pytest.mark.parametrize(
    ("shown", "said", "equal"),
    [
        ("energy -1.13727", "energy        -1.1372701747 ", True),
        ("energy -1.13728", "energy        -1.1372701747 ", False),
        ("job 752317abd22f5925 queued", "job aaaaaaaaaaaaaaaa queued", True),
        ("wall time   0.108 s", "wall time 12.3 s", True),
        ("best value 13", "best value 14", False),
        ("best bitstring 01", "best bitstring 10", False),
        ("{'10': 1.0}", "{'01': 1.0}", False),
        ("a", "b", False),
        ("a 1", "a", False),
    ],
)
def test_the_comparison_can_fail(shown: str, said: str, equal: bool) -> None:
    assert same(shown, said) is equal
