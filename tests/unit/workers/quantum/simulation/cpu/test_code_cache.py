"""Where machine code lies, and that one process of a machine makes it."""

import os
import subprocess
import sys

from workers.quantum.simulation.cpu import code_cache

IMPORTED = "import sys; import workers.quantum.simulation.cpu.code_cache; print('numba' in sys.modules)"


def test_compiled_code_goes_where_it_can_be_written(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert code_cache.cache_folder() == tmp_path / code_cache.sources_digest()
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert code_cache.cache_folder() == tmp_path / "user" / "novacron" / code_cache.sources_digest()


def test_what_is_compiled_is_remembered_by_precision(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with code_cache.compiling():
        code_cache.mark_compiled("double")
    assert code_cache.is_compiled("double")
    assert not code_cache.is_compiled("single")


def test_a_parent_of_forks_can_ask_without_numba():
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
