import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from novacron.errors import BadInput, Unavailable
from shared.circuit import parser_process, reader
from shared.circuit.parser_process import TIMEOUT_S, CircuitParser
from shared.circuit.reader import read

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'
SLOW = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n' + "inv @ inv @ x q;\n" * 25_000


@pytest.fixture(scope="module")
def parser():
    parser = CircuitParser()
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


def test_a_parser_that_does_not_answer_is_no_fault_of_the_circuit_and_the_next_one_is_read():
    parser = CircuitParser()
    try:
        parser.parse(BELL)
        parser._timeout_s = 0.5
        with pytest.raises(
            Unavailable, match=r"did not answer within 0\.5 s: this is no fault of the circuit"
        ):
            parser.parse(SLOW, "slow.qasm")
        parser._timeout_s = TIMEOUT_S
        assert len(parser.parse(BELL)["instructions"]) == 2
    finally:
        parser.close()


def test_a_killed_child_is_started_again(parser):
    parser.parse(BELL)
    os.kill(parser._child.pid, 9)
    parser._child.wait()
    assert len(parser.parse(BELL)["instructions"]) == 2


def test_a_parser_that_dies_is_no_fault_of_the_circuit(monkeypatch):
    parser = CircuitParser()
    try:
        parser.parse(BELL)
        child = parser._child
        assert child is not None
        monkeypatch.setattr(parser_process, "_write", lambda pipe, message: os.kill(child.pid, 9))
        with pytest.raises(Unavailable, match="crashed: this is no fault of the circuit"):
            parser.parse(BELL)
        monkeypatch.undo()
        assert len(parser.parse(BELL)["instructions"]) == 2
    finally:
        parser.close()


def test_a_parser_short_of_memory_is_no_fault_of_the_circuit():
    parser = CircuitParser(memory_bytes=1)
    try:
        with pytest.raises(Unavailable, match="no fault of the circuit"):
            parser.parse("OPENQASM 2.0;\n" + "//" + "x" * 900_000)
    finally:
        parser.close()


@pytest.mark.parametrize("error", [MemoryError(), KeyError("x"), RuntimeError("odd")])
def test_what_fails_inside_the_parser_is_told_apart_from_a_wrong_circuit(monkeypatch, error):
    def fail(text):
        raise error

    monkeypatch.setattr(reader, "read", fail)
    answer = parser_process._answer(BELL)
    assert answer["failed"].startswith("the circuit parser")


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
