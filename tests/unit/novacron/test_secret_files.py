"""Private keys and key-encryption keys that others can read: a warning, and refused where one is strict."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from novacron.crypto import PrivateKey
from novacron.secret_file import exposure
from scheduler.doctor.examination import _secret_files
from shared.settings import Settings
from testing import command_line
from testing.patience import PATIENCE_S
from workers.crypto.keys.kek import FileKeyring, KekError

NOWHERE = {"NOVACRON_URL": "http://127.0.0.1:1", "NOVACRON_TOKEN": "x"}
COMMAND = [sys.executable, "-m", "novacron.cli"]


def run(folder: Path, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("NOVACRON_")}
    if command[:3] == COMMAND:
        return command_line.run(*command[3:], environment=own | environment, cwd=folder)
    return subprocess.run(
        command, cwd=folder, env=own | environment, capture_output=True, text=True, timeout=PATIENCE_S
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys, a text and its envelope."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "text").write_text("text")
    for line in (
        "keyfile -o me.pem", "keyfile ML-DSA-65 -o pq.pem", "keyfile Ed25519 -o classical.pem",
        "keyfile id-MLDSA44-Ed25519-SHA512 --draft -o both.pem", "encrypt text --to me.pub.pem",
    ):  # fmt: skip
        done = run(folder, [*COMMAND, "crypto", *line.split()])
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("mode", "whom"),
    [(0o600, ""), (0o400, ""), (0o700, ""), (0o640, "its group"), (0o620, "its group"), (0o644, "others"),
     (0o602, "others"), (0o666, "others")],
)  # fmt: skip
def test_who_else_can_read_or_change_a_file(tmp_path: Path, mode: int, whom: str) -> None:
    (path := tmp_path / "key").write_text("secret")
    path.chmod(mode)
    assert exposure(path) == (f"is open to {whom} (mode {mode:04o})" if whom else "")
    (link := tmp_path / "link").symlink_to(path)
    assert exposure(link) == exposure(path)
    os.mkfifo(pipe := tmp_path / "pipe", 0o666)
    assert exposure(pipe) == "" == exposure(tmp_path / "missing") == exposure(tmp_path)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("me.pem", "decrypt text.ncrypt --key me.pem -o out --force"),
        ("me.pem", "rewrap text.ncrypt --key me.pem --to me.pub.pem"),
        ("pq.pem", "sign text --key pq.pem --key classical.pem -o out --force"),
        ("classical.pem", "sign text --key pq.pem --key classical.pem -o out --force"),
        ("both.pem", "sign text --key both.pem --draft -o out --force"),
        ("pq.pem", "csr pq.pem --subject CN=it"),
        ("pq.pem", "keys import pq.pem"),
    ],
)
def test_one_rule_for_every_command(made: Path, key: str, line: str) -> None:
    command = [*COMMAND, "crypto", *line.split()]
    ends = 3 if "import" in line else 0  # no scheduler is there to take it
    (made / key).chmod(0o600)
    done = run(made, [*command, "--strict"], **NOWHERE)
    assert done.returncode == ends and "is open to" not in done.stderr, done.stderr
    (made / key).chmod(0o644)
    done = run(made, command, **NOWHERE)
    told = f"warning: {key}: is open to others (mode 0644), and holds a secret (chmod 600 {key})"
    assert done.returncode == ends and told in done.stderr, done.stderr
    before = (made / "text.ncrypt").read_bytes(), sorted(os.listdir(made))
    for strict in ([*command, "--strict"], ["env", "NOVACRON_STRICT=1", *command]):
        done = run(made, strict, **NOWHERE)
        assert done.returncode == 2 and told.removeprefix("warning: ") in done.stderr, done.stderr
        assert "warning" not in done.stderr
    assert ((made / "text.ncrypt").read_bytes(), sorted(os.listdir(made))) == before
    (made / key).chmod(0o600)


def test_a_key_from_a_pipe_has_no_mode(made: Path) -> None:
    line = f"{' '.join(COMMAND)} crypto decrypt text.ncrypt --key <(cat me.pem) -o - --strict"
    done = run(made, ["bash", "-c", line])
    assert (done.returncode, done.stdout) == (0, "text"), done.stderr


@pytest.fixture
def kek(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    path.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    path.chmod(0o640)
    return path


def test_a_strict_worker_takes_no_kek_that_others_can_read(kek: Path) -> None:
    assert FileKeyring(kek).newest()
    with pytest.raises(KekError, match=r"is open to its group \(mode 0640\)"):
        FileKeyring(kek, strict=True)
    worker = [sys.executable, "-m", "workers", "--queue", "crypto"]
    for name in ("NOVACRON_KEK_FILE", "NOVACRON_KEK_TOKEN_FILE"):
        done = run(kek.parent, worker, NOVACRON_STRICT="true", **{name: str(kek)})
        assert done.returncode == 2 and "is open to its group (mode 0640)" in done.stderr, done.stderr


def test_up_looks_at_the_key_encryption_key(kek: Path) -> None:
    up = [*COMMAND, "up", "--data", str(kek.parent), "--detach", "--strict"]
    done = run(kek.parent, up)
    assert done.returncode == 2 and f"{kek}: is open to its group (mode 0640)" in done.stderr
    assert os.listdir(kek.parent) == ["kek"] or not (kek.parent / "postgres").exists()
    (elsewhere := kek.with_name("elsewhere")).write_text(kek.read_text())
    elsewhere.chmod(0o604)
    done = run(kek.parent, up, NOVACRON_KEK_FILE=str(elsewhere))
    assert done.returncode == 2 and f"{elsewhere}: is open to others (mode 0604)" in done.stderr


def test_a_strict_scheduler_serves_with_no_key_that_others_can_read(kek: Path) -> None:
    (kek.parent / "web.key").write_text("secret")
    (kek.parent / "web.key").chmod(0o644)
    told = {"NOVACRON_TLS_MODE": "hybrid", "NOVACRON_TLS_FOLDER": str(kek.parent), "NOVACRON_STRICT": "1"}
    done = run(kek.parent, [sys.executable, "-m", "scheduler"], **told)
    assert done.returncode == 2 and "web.key: is open to others (mode 0644)" in done.stderr, done.stderr


def test_the_doctor_warns_and_fails_where_one_is_strict(kek: Path) -> None:
    settings = Settings(kek_file=str(kek), data=str(kek.parent / "none"))
    found = _secret_files(settings)
    assert str(found).startswith("warns  secret files: ") and "mode 0640" in found.text
    strict = _secret_files(Settings(kek_file=str(kek), data=str(kek.parent), strict=True))
    assert str(strict).startswith("FAILS  secret files: ") and strict.text == found.text
    kek.chmod(0o600)
    assert _secret_files(settings).ok


def test_the_key_encryption_key_is_replaced_at_the_end_of_a_link(kek: Path) -> None:
    (link := kek.with_name("link")).symlink_to("kek")
    ring = FileKeyring(link)
    new = ring.renew()
    assert link.is_symlink() and FileKeyring(kek).newest().kek_id == new.kek_id
    assert kek.stat().st_mode & 0o777 == 0o600, "what others could read is theirs no more"


def test_a_public_key_is_no_secret_and_is_called_what_it_is(made: Path) -> None:
    done = run(made, [*COMMAND, *"crypto decrypt text.ncrypt --key me.pub.pem -o again --strict".split()])
    assert done.returncode == 2 and "chmod" not in done.stderr
    assert "it holds a public key: name the file of its private half" in done.stderr
    done = run(made, [*COMMAND, *"crypto encrypt text --to me.pem -o again".split()])
    assert done.returncode == 2 and "it holds a private key: name the file of its public half" in done.stderr


@pytest.mark.parametrize(("name", "algorithm"), [("mldsa65", "ML-DSA-65"), ("xwing", "X-Wing")])
def test_case_and_hyphens_of_an_algorithm_do_not_matter(name: str, algorithm: str) -> None:
    assert PrivateKey.generate(name).public.algorithm == algorithm
