import json
import subprocess
import sys

import pytest

from scheduler.embedded.cli import main


def test_status_and_down_of_a_folder_that_was_never_used(tmp_path, capsys):
    data = tmp_path / "data"
    assert main(["status", "--data", str(data), "--json"]) == 3
    assert json.loads(capsys.readouterr().out) == {"data": str(data), "state": "down"}
    assert main(["down", "--data", str(data)]) == 0
    assert capsys.readouterr().out == f"not running (data {data})\n"
    assert not data.exists()


def test_a_data_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["up", "--data", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.startswith(f"novacron: data folder {tmp_path / 'file'}")


def test_an_unknown_command_is_bad_input(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["sideways"])
    assert stopped.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_a_start_waits_for_no_library_that_it_does_not_need():
    code = "import sys, scheduler.embedded.cli; from scheduler.embedded import stack, supervisor;"
    code += "stack.queues(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = {"asyncio", "fastapi", "numpy", "psycopg", "pydantic", "rich", "sqlalchemy", "ssl", "structlog"}
    assert not slow & set(done.stdout.split())
