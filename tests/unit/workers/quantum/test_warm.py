"""Machine code is made ahead: what `workers.quantum.warm` compiles is all that small jobs need."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from testing.patience import PATIENCE_S
from workers.quantum import warm
from workers.quantum.simulation.cpu import code_cache, processor

ROOT = Path(__file__).parents[4]
SIGNATURES = """
import sys
from numba.core.dispatcher import Dispatcher
from workers.quantum import warm

warm.kernels()
warm.announce(print, "single")
kernels = {
    value
    for name, module in list(sys.modules.items())
    if name.startswith(("workers.quantum.simulation.cpu.", "workers.quantum.compiler.router."))
    for value in vars(module).values()
    if isinstance(value, Dispatcher)
}
print(max(len(kernel.signatures) for kernel in kernels), sum(len(kernel.signatures) for kernel in kernels))
"""
COUNTING = """
import sys
from numba.core import event
from workers.quantum import warm

compiled = []

class Listener(event.Listener):
    def on_start(self, begun):
        compiled.append(begun)

    def on_end(self, ended):
        pass

with event.install_listener("numba:compile", Listener()):
"""
COUNTED = f"""{COUNTING}
    warm.kernels()
    warm.announce(print, "single")
assert "qiskit" not in sys.modules
print("compiled", len(compiled))
"""
COMPILATION = f"""{COUNTING}
    from shared.circuits.instruction import Gate
    from shared.circuits.record import CircuitRecord
    from shared.quantum import devices
    from workers.quantum import compiler
    fan = CircuitRecord(4, (), (), (Gate("h", (0,)), *(Gate("cx", (0, k)) for k in range(1, 4))))
    for exact_unitary in (False, True):
        compiler.compile(fan, devices.load("manila"), compiler.Options(2, exact_unitary=exact_unitary))
print("compiled", len(compiled))
"""

ONCE = """
import sys
from functools import partial
from pathlib import Path
from workers.quantum import warm

if __name__ == "__main__":
    warm.PARTS = (partial(Path.touch, Path(sys.argv[1]), exist_ok=False),)
    print("waits", flush=True)
    warm.ahead()
"""


def printed(script: str, under: Sequence[str] = ()) -> list[int]:
    """The numbers that a script prints in its last line, in a process of its own."""
    done = subprocess.run(
        [*under, sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [int(word) for word in done.stdout.splitlines()[-1].split() if word.isdigit()]


def test_a_job_is_told_that_it_waits_for_machine_code(monkeypatch, tmp_path):
    told: list[str] = []
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    warm.announce(told.append, "double")
    assert told == [warm.COMPILING["double"]]
    with code_cache.compiling():
        code_cache.mark_compiled("double")
    warm.announce(told.append, "double")
    assert len(told) == 1


def test_single_precision_is_compiled_for_the_first_job_that_asks_for_it(monkeypatch, tmp_path):
    compiled: list[str] = []
    told: list[str] = []
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with code_cache.compiling():
        code_cache.mark_compiled("double")
    monkeypatch.setattr(warm, "_ops", compiled.append)
    for _ in range(2):
        warm.announce(told.append, "single")
    assert told == [warm.COMPILING["single"]]
    assert compiled == ["single"]


def test_a_second_process_compiles_nothing():
    printed(COUNTED)
    assert printed(COUNTED) == [0]


def test_a_compilation_after_the_warm_up_makes_no_machine_code():
    printed(COUNTED)
    assert printed(COMPILATION) == [0]


def test_kept_functions_have_one_signature_so_that_processes_may_compile_them_at_once():
    printed(COUNTED)
    most, whole = printed(SIGNATURES)
    assert most == 1 and whole > 10


def test_parts_are_compiled_in_other_processes_until_all_are_there(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    files = [tmp_path / name for name in "abc"]
    made = [partial(Path.touch, file, exist_ok=False) for file in files]
    monkeypatch.setattr(warm, "PARTS", [*made, partial(Path.rmdir, tmp_path)])
    with pytest.raises(OSError, match="not empty"):
        warm.ahead()
    for file in files:
        file.unlink()
    monkeypatch.setattr(warm, "PARTS", made)
    warm.ahead()
    assert all(file.exists() for file in files)
    warm.ahead()


def test_one_process_of_a_machine_compiles_and_the_others_wait_for_it(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with code_cache.compiling():
        command = [sys.executable, "-c", ONCE, str(tmp_path / "made")]
        running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == b"waits\n"
        assert not (tmp_path / "made").exists()
    for process in running:
        process.communicate(timeout=PATIENCE_S)
    assert [process.returncode for process in running] == [0, 0]
    assert (tmp_path / "made").exists()
    assert code_cache.is_compiled("double")


UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
LACKING = """
from workers.quantum.simulation.cpu.jit import compiled

@compiled
def doubled(number):
    return 2 * number
"""


def test_nothing_is_compiled_or_kept_where_the_code_cannot_be_added_to(monkeypatch, tmp_path):
    """As in an image, whose files belong to another user."""
    printed(COUNTED)
    made = code_cache.cache_folder()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    shutil.copytree(made, code_cache.cache_folder())
    code_cache.mark_compiled("double")
    (tmp_path / "lacking.py").write_text(LACKING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    kept = sorted((tmp_path / "kept").rglob("*"))
    subprocess.run(["chmod", "-R", "a-w", str(tmp_path / "kept")], check=True)
    try:
        assert printed(COUNTED, UNPRIVILEGED) == [0]
        assert printed("import lacking; print(lacking.doubled(21))", UNPRIVILEGED) == [42]
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(tmp_path / "kept")], check=True)
    assert sorted((tmp_path / "kept").rglob("*")) == kept


def test_code_is_made_for_the_processors_that_are_named(monkeypatch):
    monkeypatch.setenv(processor.VARIABLE, "x86-64-v2")
    script = "import workers.quantum.simulation.cpu.jit; from numba.core.registry import cpu_target as one"
    script += "; print(one.target_context.codegen().magic_tuple()[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "('x86-64-v2', '')"
