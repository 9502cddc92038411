"""Files that commands write without a server: refused, replaced, written into, and gone when cut short."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import stat
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from testing import command_line
from testing.patience import PATIENCE_S
from tests.foreground import foreground

COMMAND = [sys.executable, "-m", "novacron.cli"]
ROOT = os.geteuid() == 0
OTHER = 54_321
TEXT = b"the text" * 100_000


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    """What a command says, on both streams."""
    done = command_line.run(*arguments, environment=dict(os.environ), cwd=folder)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key pair, a text and its envelope."""
    folder = tmp_path_factory.mktemp("made")
    run(folder, "crypto", "keyfile", "-o", "me.pem")
    run(folder, "crypto", "keyfile", "ML-DSA-65", "-o", "pq.pem")
    run(folder, "crypto", "keyfile", "Ed25519", "-o", "classical.pem")
    (folder / "text").write_bytes(TEXT)
    run(folder, "crypto", "encrypt", "text", "--to", "me.pub.pem", "-o", "sealed.ncrypt")
    return folder


def commands(made: Path) -> dict[str, list[str]]:
    """Those that write a file, without its name."""
    at = str(made)
    return {
        "encrypt": ["crypto", "encrypt", f"{at}/text", "--to", f"{at}/me.pub.pem", "-o"],
        "decrypt": ["crypto", "decrypt", f"{at}/sealed.ncrypt", "--key", f"{at}/me.pem", "-o"],
        "sign": [
            "crypto",
            "sign",
            f"{at}/text",
            "--key",
            f"{at}/pq.pem",
            "--key",
            f"{at}/classical.pem",
            "-o",
        ],
        "keyfile": ["crypto", "keyfile", "Ed25519", "--public", "shared.pem", "-o"],
    }


@pytest.mark.parametrize("name", ["encrypt", "decrypt", "sign", "keyfile"])
def test_one_rule_for_what_is_there(made: Path, tmp_path: Path, name: str) -> None:
    command = commands(made)[name]
    (there := tmp_path / "out").write_text("old")
    there.chmod(0o600)
    if ROOT:
        os.chown(there, OTHER, OTHER + 1)
    before = there.stat()
    assert "out: exists already (--force replaces it)" in run(tmp_path, *command, "out", status=2)
    assert there.read_text() == "old" and os.listdir(tmp_path) == ["out"]
    (tmp_path / "link").symlink_to("out")
    run(tmp_path, *command, "link", "--force")
    after = there.stat()
    assert (tmp_path / "link").is_symlink() and there.read_bytes() != b"old"
    for field in ("st_uid", "st_gid", "st_mode"):
        assert getattr(before, field) == getattr(after, field)
    (tmp_path / "folder").mkdir()
    assert "it is a folder" in run(tmp_path, *command, "folder", "--force", status=2)
    assert "there is no folder" in run(tmp_path, *command, "missing/out", "--force", status=2)


@pytest.mark.parametrize("name", ["encrypt", "decrypt", "sign", "keyfile"])
def test_pipes_and_devices_are_written_into(made: Path, tmp_path: Path, name: str) -> None:
    command = commands(made)[name]
    null = Path("/dev/null")
    if ROOT:
        os.mknod(null := tmp_path / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    run(tmp_path, *command, str(null), "--force")
    assert stat.S_ISCHR(null.lstat().st_mode)
    os.mkfifo(pipe := tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    run(tmp_path, *command, str(pipe), "--force")
    reader.join(PATIENCE_S)
    assert len(read[0]) > 50 and stat.S_ISFIFO(pipe.lstat().st_mode)
    for out in ("-", "/dev/stdout", "/dev/fd/1"):
        with (tmp_path / "log").open("wb", buffering=0) as log:
            log.write(b"before")
            done = subprocess.run(
                [*COMMAND, *command, out, "--force"], cwd=tmp_path, stdout=log, timeout=PATIENCE_S
            )
        text = (tmp_path / "log").read_bytes()
        assert done.returncode == 0 and text.startswith(b"before") and len(text) > 50, out
        if name == "decrypt":
            assert text == b"before" + TEXT


def test_a_new_private_key_is_closed_to_others_whatever_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("old")
    (tmp_path / "key.pem").chmod(0o664)
    run(tmp_path, "crypto", "keyfile", "-o", "key.pem", "--force")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert "exists already" in run(
        tmp_path, "crypto", "keyfile", "-o", "other.pem", "--public", "key.pub.pem", status=2
    )
    assert not (tmp_path / "other.pem").exists()
    assert "--public" in run(tmp_path, "crypto", "keyfile", "-o", "-", status=2)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("rsa", "opens no envelope: it is a private key of RSA-2048"),
        ("dsa", "opens no envelope: it is a private key of DSA-2048"),
        ("p256", "opens no envelope: it is a private key of P-256"),
        ("ed25519", "opens no envelope: it is a private key of Ed25519"),
        ("pq", "opens no envelope: it is a private key of ML-DSA-65"),
    ],
)
def test_a_key_that_opens_nothing_is_named_with_what_does(
    made: Path, tmp_path: Path, kind: str, named: str
) -> None:
    made_by: dict[str, Any] = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "dsa": lambda: dsa.generate_private_key(2048),
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    if kind in made_by:
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / f"{kind}.pem").write_bytes(made_by[kind]().private_bytes(*form))
    else:
        shutil.copy(made / f"{kind}.pem", tmp_path)
    (tmp_path / f"{kind}.pem").chmod(0o600)
    said = run(
        tmp_path, "crypto", "decrypt", f"{made}/sealed.ncrypt", "-o", "x", "--key", f"{kind}.pem", status=2
    )
    assert f"{kind}.pem: {named} (what opens one is a key of X-Wing (ML-KEM-768 + X25519)" in said
    assert not (tmp_path / "x").exists()


def test_a_public_key_that_does_not_encrypt_is_named(made: Path, tmp_path: Path) -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "rsa.pub.pem").write_bytes(public.public_bytes(*form))
    for file, named in (
        ("rsa.pub.pem", "holds RSA-2048"),
        (f"{made}/pq.pub.pem", "ML-DSA-65 does not encrypt"),
    ):
        said = run(tmp_path, "crypto", "encrypt", f"{made}/text", "-o", "x", "--to", file, status=2)
        assert file in said and named in said and "X-Wing" in said


def test_what_was_written_is_told(made: Path, tmp_path: Path) -> None:
    for name in ("encrypt", "decrypt"):
        assert "told" in run(tmp_path, *commands(made)[name], "told", "--force").split()


@pytest.mark.parametrize("line", ["decrypt text -o new --key me.pem", "inspect text", "rewrap text --drop x"])
def test_a_file_that_is_no_envelope_is_named(made: Path, line: str) -> None:
    assert "text: this is not an envelope" in run(made, "crypto", *line.split(), status=1)
    assert not (made / "new").exists()


def test_a_full_output_leaves_nothing_and_has_its_own_status(made: Path, tmp_path: Path) -> None:
    for command in commands(made).values():
        assert "No space left" in run(tmp_path, *command, "/dev/full", "--force", status=4)
        limited = ["bash", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "bash", *COMMAND]
        done = subprocess.run(
            [*limited, *commands(made)["decrypt"], "big"], cwd=tmp_path, capture_output=True, text=True,
            timeout=PATIENCE_S,
        )  # fmt: skip
        assert done.returncode == 4 and "big: cannot be written: File too large" in done.stderr
        assert "big" not in str(os.listdir(tmp_path))


def test_rewrapping_keeps_all_but_the_header(made: Path, tmp_path: Path) -> None:
    (sealed := tmp_path / "sealed.ncrypt").write_bytes((made / "sealed.ncrypt").read_bytes())
    sealed.chmod(0o640)
    os.utime(sealed, ns=(10**18, 10**18 + 7))
    if ROOT:
        os.chown(sealed, OTHER, OTHER + 1)
    (tmp_path / "link").symlink_to("sealed.ncrypt")
    run(tmp_path, "crypto", "keyfile", "MLKEM1024-P384", "-o", "new.pem")
    before = sealed.stat()
    run(tmp_path, "crypto", "rewrap", "link", "--key", str(made / "me.pem"), "--to", "new.pub.pem")
    after = sealed.stat()
    assert (tmp_path / "link").is_symlink() and before.st_size != after.st_size
    for field in ("st_uid", "st_gid", "st_mode", "st_mtime_ns"):
        assert getattr(before, field) == getattr(after, field), field
    run(tmp_path, "crypto", "decrypt", "sealed.ncrypt", "--key", "new.pem", "-o", "again")
    assert (tmp_path / "again").read_bytes() == TEXT


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("name", ["decrypt", "encrypt"])
def test_nothing_is_left_of_what_a_signal_cuts_short(
    made: Path, tmp_path: Path, sent: signal.Signals, name: str
) -> None:
    command = commands(made)[name]
    source = (made / command[2].rpartition("/")[2]).read_bytes()
    (tmp_path / "old").write_text("old")
    for out in ("new", "old"):
        process = subprocess.Popen(
            [*COMMAND, "crypto", name, "-", *command[3:], out, "--force"], cwd=tmp_path,
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=foreground,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(source[: len(source) // 2])
        process.stdin.flush()
        deadline = time.monotonic() + PATIENCE_S
        while not (half := [one for one in tmp_path.glob(".*") if one.stat().st_size]):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        assert stat.S_IMODE(half[0].stat().st_mode) == 0o600
        process.send_signal(sent)
        assert process.communicate(timeout=PATIENCE_S)[1] == b"" and process.returncode == 128 + sent
        assert os.listdir(tmp_path) == ["old"] and (tmp_path / "old").read_text() == "old"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_password_that_is_asked_for_leaves_the_terminal_as_it_was(
    tmp_path: Path, sent: signal.Signals
) -> None:
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    process = subprocess.Popen(
        [*COMMAND, "crypto", "keyfile", "-o", "key.pem", "--password"], cwd=tmp_path, stdin=follower,
        stdout=follower, stderr=follower, start_new_session=True, preexec_fn=foreground,
    )  # fmt: skip
    shown, deadline = b"", time.monotonic() + PATIENCE_S
    while b"Password" not in shown and time.monotonic() < deadline:
        shown += os.read(leader, 4096)
    while termios.tcgetattr(follower) == before and time.monotonic() < deadline:
        time.sleep(0.01)  # until what is typed is hidden
    process.send_signal(sent)
    assert process.wait(PATIENCE_S) == 128 + sent
    assert termios.tcgetattr(follower) == before and os.listdir(tmp_path) == []
    os.close(leader)
    os.close(follower)
