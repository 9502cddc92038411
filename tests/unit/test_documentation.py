"""What the pages say is true: links, files, functions, commands, tables, code."""

import ast
import json
import re
import shlex
import sys
from dataclasses import fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
import typer

from novacron import specs
from novacron.cli.app import build
from novacron.specs import (
    SPECS,
    ansatz,
    base,
    error_correction,
    hamiltonian,
    mitigation,
    molecule,
    optimizer,
    problem,
    pub,
    qml,
    table,
)
from scheduler.api.app import create
from scheduler.planning import dag
from shared import functions
from shared.settings import Settings
from shared.states import JOB_MOVES, TASK_MOVES, FailureClass
from testing.contexts import context

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
WRITTEN_BY_THE_READER = {"try_it.py", "mine.py", "mine_backend.py"}
SOURCES = (
    "novacron",
    "shared",
    "scheduler",
    "workers",
    "migrations",
    "testing",
    "tests",
    "scripts",
    "benchmarks",
)
CODE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.py)(?::([\w.]+))?`")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text(name):
    return (ROOT / name).read_text()


def blocks(page, *languages):
    found = re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    return [body for language, body in found if language in languages]


def rows(markdown, header):
    """The cells of the table whose header line begins so."""
    after = markdown.split(header, 1)[1].split("\n", 2)[2]
    lines = after.split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def code(cell):
    return re.findall(r"`([^`]*)`", cell)


@cache
def anchors(page):
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_links_resolve(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        if path.startswith("https:"):
            continue
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@cache
def defined(path):
    """Names of functions and classes in a file, methods as Class.method."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@cache
def source_names():
    return {path.name for folder in SOURCES for path in (ROOT / folder).rglob("*.py")}


@each_page
def test_files_and_functions_named_exist(page):
    for name, member in CODE.findall(page.read_text()):
        if "/" in name:
            assert (ROOT / name).exists(), name
            assert not member or member in defined(ROOT / name), f"{name}:{member}"
        else:
            assert name in source_names() | WRITTEN_BY_THE_READER, name


@each_page
def test_folders_named_exist(page):
    for name in re.findall(r"`((?:[\w-]+/)+)`", page.read_text()):
        assert (ROOT / name).is_dir() or name == "logs/", name


@each_page
def test_no_machine_paths(page):
    assert not re.search(r"(?<![\w.])/(work|root|home|tmp|usr|var)/", page.read_text())


def commands():
    for page in PAGES:
        for block in blocks(page, "sh", "console"):
            for line in block.splitlines():
                line = line.removeprefix("$ ").split(" #")[0].split(" > ")[0].strip()
                if line.split(" ")[0] in ("novacron", "make", "python"):
                    yield pytest.param(shlex.split(line), id=line)
        for line in re.findall(r"`((?:novacron|make|python -m) [^`]*)`", page.read_text()):
            yield pytest.param(shlex.split(line), id=line)


@pytest.mark.parametrize("words", list(commands()))
def test_commands_are_understood(words):
    """They are parsed as the real command line parses them; what they do is tested on the running stack."""
    program, *arguments = words
    if program == "make":
        assert f"\n{arguments[0]}:" in text("Makefile")
    elif program == "python":
        assert find_spec(arguments[1]) is not None
    else:
        command = typer.main.get_command(build())
        while arguments and hasattr(command, "commands"):
            name, *arguments = arguments
            command = command.commands[name]
        values = [str(ROOT / one) if one.startswith("examples/") else one for one in arguments]
        assert hasattr(command, "commands") or command.make_context(
            "novacron", values or ["ID"] * needs(command)
        )
        assert all((ROOT / one).exists() for one in arguments if one.startswith("examples/"))


def needs(command):
    return sum(one.required for one in command.params if one.param_type_name == "argument")


def test_commands_of_the_readme_are_all(monkeypatch):
    listed = set(re.findall(r"`novacron (\w+)", "".join(page.read_text() for page in PAGES)))
    shown = {line.split()[2] for page in PAGES for block in blocks(page, "console")
             for line in block.splitlines() if line.startswith("$ novacron ")}  # fmt: skip
    assert {"up", "down", "status", "submit", "explain", "jobs", "events", "plot", "replay"} <= listed | shown


def test_the_readme_fits_in_five_minutes():
    words = re.sub(r"```.*?```", "", text("README.md"), flags=re.DOTALL).split()
    assert len(words) < 1000
    assert len(re.findall(r"!\[", text("README.md"))) <= 2
    assert len(text("CONTRIBUTING.md").splitlines()) < 60


def test_the_python_of_the_readme_makes_a_job(monkeypatch):
    monkeypatch.chdir(ROOT)
    (block,) = blocks(ROOT / "README.md", "python")
    made = next(
        node for node in ast.walk(ast.parse(block)) if getattr(getattr(node, "func", 0), "id", "") == "VQE"
    )
    assert eval(ast.unparse(made), {"VQE": specs.VQE}).n_qubits == 12
    exact = json.loads(text("examples/data/lih_sto3g_1.5957.json"))["e_fci"]
    assert float(re.findall(r"# (-\d+\.\d+)", block)[0]) == pytest.approx(exact, abs=1.6e-3)


@pytest.fixture
def random_walk():
    """The job kind of the page, as a module."""
    module = ModuleType("random_walk")
    sys.modules["random_walk"] = module
    for block in blocks(ROOT / "docs" / "add_a_job_kind.md", "python"):
        exec(block, module.__dict__)
    yield module
    del sys.modules["random_walk"]


def test_the_job_kind_of_the_page_works(random_walk):
    spec = random_walk.RandomWalk(steps=100, walks=3, seed=7)
    work = random_walk.plan(spec, "cpu-sim", 0)
    dag.check(work.tasks)
    assert [task.operation for task in work.tasks] == ["walk", "walk", "walk", "walk_mean"]
    ends = [random_walk.walk(context(spec, task.payload)).value for task in work.tasks[:3]]
    assert len(set(ends)) > 1 and all(end % 2 == 0 and abs(end) <= 100 for end in ends)
    assert ends == [random_walk.walk(context(spec, task.payload)).value for task in work.tasks[:3]]
    result = random_walk.walk_mean(context(spec, {}, ends)).value
    assert result == {"mean": sum(ends) / 3, "ends": ends}


@pytest.mark.parametrize("page", ["add_a_queue.md"])
def test_other_python_is_well_formed(page):
    for block in blocks(ROOT / "docs" / page, "python"):
        compile(block, page, "exec")


CLASSES: tuple[Any, ...] = (
    base.Spec, base.Budget, *get_args(mitigation.AnyMethod), *SPECS.values(),
    hamiltonian.PauliTerms, hamiltonian.Tfim, hamiltonian.Heisenberg, hamiltonian.Hubbard,
    hamiltonian.Fcidump, hamiltonian.Molecular, molecule.Molecule, ansatz.Uccsd,
    ansatz.Adapt, ansatz.HamiltonianVariational, ansatz.HardwareEfficient,
    ansatz.CircuitAnsatz, optimizer.Lbfgs, optimizer.Slsqp, optimizer.Cobyla,
    optimizer.NelderMead, optimizer.Powell, optimizer.Spsa, optimizer.Adam, optimizer.GradientDescent,
    optimizer.Qng, optimizer.Rotosolve,
    problem.MaxCut, problem.Qubo, problem.Ising, table.InlineData, table.NamedData,
    qml.KernelSvm, qml.VariationalClassifier, pub.Observable, pub.PubSpec, error_correction.ErrorCorrection,
)  # fmt: skip
RECORDS = {record.__name__: record for record in CLASSES}
COMPUTED = {
    ("VQE", "optimizer"), ("QAOA", "optimizer"), ("Hubbard", "n_electrons"), ("MaxCut", "n_nodes"),
    ("MaxCut", "weights"), ("Qubo", "n_variables"), ("Qubo", "linear"), ("Ising", "n_spins"), ("Ising", "h"),
    ("NamedData", "n_samples"), ("NamedData", "n_features"), ("Classical", "arguments"),
    ("QECMemory", "decoder"), ("Molecule", "values"),
}  # fmt: skip
"""Keys whose default depends on others, or is a record: the page says it in words."""


def test_the_page_of_job_files_has_every_record():
    assert set(re.findall(r"<!-- (\w+) -->", text("docs/job_file.md"))) == set(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_the_page_of_job_files_has_every_key_with_default_and_limits(name):
    record, listed = RECORDS[name], rows(text("docs/job_file.md").split(f"<!-- {name} -->")[1], "| key ")
    schema = record.model_json_schema()
    inherited = (
        set(base.Spec.model_fields) if issubclass(record, base.Spec) and record is not base.Spec else set()
    )
    own = {
        key: value
        for key, value in schema["properties"].items()
        if key not in inherited or changed(record, key)
    }
    assert [code(row[0])[0] for row in listed] == sorted(own, key=[code(row[0])[0] for row in listed].index)
    for key, takes, default, meaning in listed:
        described = own[code(key)[0]]
        assert limits(described) <= numbers(takes), f"{key}: {takes}"
        assert choices(described) <= set(code(takes)) | set(code(meaning)), f"{key}: {takes}"
        if (name, code(key)[0]) not in COMPUTED:
            expected = json.dumps(described["default"]) if "default" in described else "required"
            assert default.strip("`") == expected, key


def changed(record, key):
    """Whether a kind gives one of the common keys a default of its own; `kind` itself aside."""
    return key != "kind" and record.model_fields[key].default != base.Spec.model_fields[key].default


def limits(described):
    """All bounds in a key's schema, as numbers."""
    bounds = (
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "maxLength",
        "minItems",
        "maxItems",
    )
    found = {
        float(described[bound]) for bound in bounds if bound in described and "prefixItems" not in described
    }
    for inner in [*described.get("anyOf", ()), described.get("items")]:
        found |= limits(inner) if isinstance(inner, dict) and "$ref" not in inner else set()
    return found


def choices(described):
    return {one for one in [*described.get("enum", ()), described.get("const")] if one}


def numbers(cell):
    found = {float(one.replace(",", "")) for one in re.findall(r"-?\d[\d,]*(?:\.\d+)?", cell)}
    return found | ({0.0} if cell.startswith("up to") else set())


def test_the_page_of_job_files_has_every_function():
    listed = rows(text("docs/job_file.md"), "| function | arguments")
    functions.functions.cache_clear()
    declared = {
        one.name: [argument.name for argument in one.arguments] for one in functions.functions().values()
    }
    assert {code(row[0])[0]: code(row[1]) for row in listed} == declared


def test_the_page_of_operations_has_every_setting():
    listed = {code(row[0])[0]: code(row[1])[0] for row in rows(text("docs/operations.md"), "| variable ")}
    shown = {one.name: one.default for one in fields(Settings)}
    assert listed == {
        f"NOVACRON_{name.upper()}": value if isinstance(value, str) and value else json.dumps(value)
        for name, value in shown.items()
    }


def test_the_page_of_operations_names_every_variable():
    named = set(re.findall(r"NOVACRON_[A-Z_]+[A-Z]", text("docs/operations.md")))
    for folder in ("novacron", "shared", "scheduler", "workers"):
        for path in (ROOT / folder).rglob("*.py"):
            assert set(re.findall(r"NOVACRON_[A-Z_]+[A-Z]", path.read_text())) <= named, path


def test_the_page_of_the_api_has_every_route():
    listed = {tuple(code(row[0])[0].split()) for row in rows(text("docs/http.md"), "| request ")}
    paths = create(Settings()).openapi()["paths"]
    assert listed == {(method.upper(), path) for path, methods in paths.items() for method in methods}


def drawn(start):
    """The arrows of the diagram after a heading."""
    diagram = text("docs/lifecycle.md").split(start)[1].split("```")[1]
    return set(re.findall(r"(\w+) --> (\w+)", diagram))


@pytest.mark.parametrize(("heading", "moves"), [("## Jobs", JOB_MOVES), ("## Tasks", TASK_MOVES)])
def test_the_page_of_states_draws_and_lists_every_move(heading, moves):
    allowed = {(a.value, b.value) for a, reached in moves.items() for b in reached}
    listed = {(row[0], row[1]) for row in rows(text("docs/lifecycle.md").split(heading)[1], "| from | to")}
    assert drawn(heading) == allowed
    assert {move for move in listed if move[0] != "new"} == allowed


def test_the_page_of_states_names_every_file_that_moves_rows():
    page = text("docs/lifecycle.md")
    for path in (ROOT / "shared" / "db").glob("*.py"):
        if re.search(r"UPDATE (tasks|jobs)\b(?:(?!WHERE)[\s\S])*?\bstate =", path.read_text()):
            assert f"`shared/db/{path.name}:" in page, path.name


def test_the_page_of_states_has_every_class_of_failure():
    listed = {code(row[0])[0]: row[2] for row in rows(text("docs/lifecycle.md"), "| class ")}
    assert {name: answer.startswith("yes") for name, answer in listed.items()} == {
        one.value: one.retryable for one in FailureClass
    }
