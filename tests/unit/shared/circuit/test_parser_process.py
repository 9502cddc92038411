import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from novacron.errors import BadInput
from shared.circuit.parser_process import CircuitParser
from shared.circuit.reader import read

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'
SLOW = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n' + "rx(1 + 1) q;\n" * 60_000


@pytest.fixture(scope="module")
def parser():
    parser = CircuitParser(timeout_s=5.0)
    yield parser
    parser.close()


def test_records_are_those_of_the_reader(parser):
    assert parser.parse(BELL) == read(BELL).to_json()


def test_errors_name_the_callers_file_and_place(parser):
    with pytest.raises(BadInput) as caught:
        parser.parse(BELL + "h r;", "bell.qasm")
    assert (caught.value.file, caught.value.line, caught.value.column) == ("bell.qasm", 6, 3)


def test_threads_may_share_a_parser(parser):
    texts = [BELL + "h q[0];\n" * i for i in range(12)]
    with ThreadPoolExecutor(4) as pool:
        records = list(pool.map(parser.parse, texts))
    assert [len(record["instructions"]) for record in records] == [2 + i for i in range(12)]


def test_a_circuit_that_takes_too_long_is_refused_and_the_next_one_read():
    parser = CircuitParser(timeout_s=1.0)
    try:
        parser.parse(BELL)
        started = time.monotonic()
        with pytest.raises(BadInput, match="within 1 s"):
            parser.parse(SLOW, "slow.qasm")
        assert time.monotonic() - started < 3.0
        assert len(parser.parse(BELL)["instructions"]) == 2
    finally:
        parser.close()


def test_a_killed_child_is_started_again(parser):
    parser.parse(BELL)
    os.kill(parser._child.pid, 9)
    parser._child.wait()
    assert len(parser.parse(BELL)["instructions"]) == 2


def test_a_child_short_of_memory_is_a_refusal():
    parser = CircuitParser(memory_bytes=1)
    try:
        with pytest.raises(BadInput, match="memory"):
            parser.parse("OPENQASM 2.0;\n" + "//" + "x" * 900_000)
    finally:
        parser.close()


def test_the_callers_side_imports_nothing_heavy():
    code = (
        "import shared.circuit.parser_process, sys; print({'qiskit', 'numpy', 'antlr4'} & set(sys.modules))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=path()
    )
    assert shown.stdout.strip() == "set()"


def path():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
