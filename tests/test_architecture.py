"""The rules of the house, checked: layers, doors, sizes, names, and tables that must agree."""

import ast
import importlib
import re
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from novacron.specs import SPECS
from scheduler.planning.kinds import KINDS
from shared import content
from shared.quantum import backends
from shared.queues import QUEUES
from workers import operations
from workers.quantum.backends import load

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("novacron", "shared", "scheduler", "workers")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
MIGRATIONS = sorted((ROOT / "migrations").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 60

DOORS = {
    "celery": {"shared/broker/", "workers/app.py"},
    "kombu": {"shared/broker/"},
    "redis": {"shared/cache.py"},
    "sqlalchemy": {"shared/db/", "migrations/"},
    "psycopg": {"shared/db/", "migrations/"},
    "alembic": {"shared/db/migrate.py", "migrations/"},
    "prometheus_client": {"shared/metrics/exposition.py"},
    "opentelemetry": {"shared/traces/tracing.py"},
}
"""Who may import a library; everybody else goes through them."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@dataclass
class Facts:
    """What one pass over a file finds."""

    described: bool
    imports: set[str] = field(default_factory=set)
    functions: dict[str, int] = field(default_factory=dict)
    marks: list[tuple[str, int]] = field(default_factory=list)
    system: set[str] = field(default_factory=set)
    mixed: list[str] = field(default_factory=list)
    timed: list[int] = field(default_factory=list)


def is_elapsed_time(node: ast.AST) -> bool:
    """Whether it subtracts from what a clock shows."""
    match node:
        case ast.BinOp(ast.Call(ast.Attribute(ast.Name("time"))), ast.Sub()):
            return True
    return False


@cache
def facts(path: Path) -> Facts:
    """Modules a file imports, lengths of its functions, what it takes from pytest, where it asserts times."""
    module = ast.parse(path.read_text())
    found = Facts(bool(ast.get_docstring(module)))
    for node in ast.walk(module):
        match node:
            case ast.Import(names):
                found.imports |= {alias.name for alias in names}
            case ast.ImportFrom(str(origin), names, 0):
                found.imports |= {origin} | {f"{origin}.{alias.name}" for alias in names}
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.functions[node.name] = (node.end_lineno or node.lineno) - node.lineno + 1
            case ast.Attribute(ast.Name("pytest") | ast.Attribute(ast.Name("pytest"), "mark"), taken):
                found.marks.append((taken, node.lineno))
            case ast.Attribute(ast.Name("os"), call):
                found.system.add(call)
            case ast.ClassDef(name, [_, _, *_]):
                found.mixed.append(name)
            case ast.Assert(test) if any(map(is_elapsed_time, ast.walk(test))):
                found.timed.append(node.lineno)
    return found


def run_time_imports(path: Path) -> set[str]:
    """Modules that a file imports when it runs, wherever that stands; a package only where that is all."""
    waiting: list[ast.AST] = [ast.parse(path.read_text())]
    found: set[str] = set()
    while waiting:
        match node := waiting.pop():
            case ast.If(ast.Name("TYPE_CHECKING")):
                waiting += node.orelse
                continue
            case ast.Import(names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(str(origin), names, 0):
                modules = {f"{origin}.{alias.name}" for alias in names}
                within = {
                    one for one in modules if (ROOT / one.replace(".", "/")).with_suffix(".py").exists()
                }
                found |= within | ({origin} if len(within) < len(modules) else set())
        waiting += ast.iter_child_nodes(node)
    return found


def importers(library: str) -> set[str]:
    """Files that import a library or anything in it."""
    return {
        name_of(path)
        for path in (*SOURCES, *MIGRATIONS)
        if any(module.split(".")[0] == library for module in facts(path).imports)
    }


def test_the_layers_hold():
    check = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    run = subprocess.run([*check, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_imported_at_its_door_only(library):
    assert not {file for file in importers(library) if not file.startswith(tuple(DOORS[library]))}


def test_no_module_imports_itself_by_way_of_others():
    """Imports within functions count, too; those for annotations alone do not."""
    sources = {name_of(path)[:-3].replace("/", ".").removesuffix(".__init__"): path for path in SOURCES}
    left = {name: run_time_imports(path) & set(sources) - {name} for name, path in sources.items()}
    while free := [name for name, needed in left.items() if not needed & set(left)]:
        for name in free:
            del left[name]
    assert not {name: sorted(needed & set(left)) for name, needed in left.items()}


def test_the_client_knows_no_server_library():
    others = ("psycopg", "fastapi", "uvicorn", "numpy", "scipy", "qiskit", "sklearn", "structlog")
    for library in (*DOORS, *others):
        assert not {file for file in importers(library) if file.startswith("novacron/")}, library


def test_the_scheduler_loads_no_numeric_library():
    for library in ("numpy", "scipy", "sklearn", "qiskit"):
        assert not {file for file in importers(library) if file.startswith("scheduler/")}, library


def test_whole_files_are_written_in_one_place():
    placing = {"replace", "rename", "link", "symlink", "fsync"}
    assert {name_of(path) for path in SOURCES if facts(path).system & placing} == {"novacron/durable.py"}


def test_no_thread_yields_to_other_processes():
    """It would keep the interpreter's lock meanwhile, from the thread that keeps leases too."""
    yielding = {name_of(path) for path in SOURCES if facts(path).system & {"setpriority", "nice"}}
    assert yielding == {"scheduler/api/parsers/__main__.py"}, "a process of one thread may"


def test_executors_inherit_from_one_class_each():
    """What a step does must not depend on the order of its bases."""
    executors = [path for path in SOURCES if "migration/executors/" in name_of(path)]
    assert executors and not {name_of(path): facts(path).mixed for path in executors if facts(path).mixed}


@pytest.mark.parametrize("package", ["scheduler", "workers"])
def test_scheduler_and_workers_meet_in_rows(package):
    other = {"scheduler": "workers", "workers": "scheduler"}[package]
    assert not {file for file in importers(other) if file.startswith(f"{package}/")}


@pytest.mark.parametrize(
    ("folder", "others"),
    [("tests", {"benchmarks"}), ("benchmarks", {"tests"}), ("testing", {"tests", "benchmarks"})],
)
def test_tests_and_benchmarks_meet_in_testing(folder, others):
    """By hand: `tests` is no package, and import-linter would find those of other folders beside it."""
    found = {
        f"{name_of(path)}: {module}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for module in facts(path).imports
        if module.split(".")[0] in others
    }
    assert not found


def test_no_file_and_no_function_is_too_long():
    files = {name_of(path): len(path.read_text().splitlines()) for path in (*SOURCES, *TESTS)}
    assert not {file: length for file, length in files.items() if length > LONGEST_FILE}
    functions = {
        f"{name_of(path)}:{name}": length
        for path in (*SOURCES, *TESTS)
        for name, length in facts(path).functions.items()
    }
    assert not {function: length for function, length in functions.items() if length > LONGEST_FUNCTION}


def test_modules_are_named_after_what_they_are_about():
    vague = re.compile(r"(?:^|_)(utils?|common|helpers?|managers?|misc|handlers?)(?:_|$)")
    named = {
        name_of(path)
        for path in (*SOURCES, *TESTS)
        if any(map(vague.search, path.with_suffix("").parts[-2:]))
    }
    assert not named


def test_nothing_is_left_to_do_and_no_machine_is_named():
    unfinished = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b|/wo" + r"rk/")
    found = {
        f"{name_of(path)}:{number}"
        for path in (*SOURCES, *MIGRATIONS, *TESTS)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if unfinished.search(line)
    }
    assert not found


def test_every_module_says_what_it_is():
    silent = {name_of(path) for path in SOURCES if path.read_text().strip() and not facts(path).described}
    assert not silent - {"novacron/_version.py", "novacron/cli/__main__.py"}


def test_tests_are_neither_skipped_nor_expected_to_fail():
    avoided = {"skip", "skipif", "xfail", "importorskip"}
    found = {
        f"{name_of(path)}:{line}" for path in TESTS for mark, line in facts(path).marks if mark in avoided
    }
    assert not found


def test_no_test_asserts_how_long_something_took():
    """It would fail on a busy machine: count the work that is done; seconds belong into benchmarks."""
    assert not {f"{name_of(path)}:{line}" for path in TESTS for line in facts(path).timed}


def test_there_is_a_spec_a_planner_and_a_version_for_every_kind():
    """Except of sweeps, whose work is that of their jobs."""
    assert list(SPECS) == [*KINDS, "sweep"]
    assert set(content.VERSIONS) == set(KINDS) - {"cryptographic"}


def test_every_operation_and_every_backend_is_where_its_table_says():
    usable = {name: row.implementation for name, row in backends.BACKENDS.items() if not row.missing}
    for table in (operations.OPERATIONS, usable):
        for name, target in table.items():
            module, _, attribute = target.partition(":")
            assert callable(getattr(importlib.import_module(module), attribute)), name
    assert {name for names in operations.WARM.values() for name in names} <= set(operations.OPERATIONS)
    assert set(operations.WARM) <= set(QUEUES)


def test_no_operation_that_is_imported_ahead_imports_qiskit():
    """A second thread imports them, and Qiskit's modules cannot be imported by two threads at once."""
    names = sorted({name for names in operations.WARM.values() for name in names})
    code = f"import sys; from workers import operations; [operations.load(name) for name in {names}]"
    asked = f"{code}; sys.exit('qiskit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT).returncode == 0


def test_backends_are_known_by_the_names_that_they_have_themselves():
    for name, row in backends.BACKENDS.items():
        assert row.name == name
        assert row.missing or load(name).name == name
        assert not row.missing or not row.implementation
