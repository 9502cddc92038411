"""The Dockerfile: built by an engine without a registry, and what comes out of it runs as nobody."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Dockerfile").read_text()
PACKAGES = (ROOT / "scripts" / "image_packages.sh").read_text()
IMAGES = ("scheduler", "worker", "worker-gpu", "flower")
NOBODY = "65532:65532"


@dataclass(frozen=True)
class Instruction:
    """One line of a Dockerfile, continuations joined."""

    name: str
    rest: str


@dataclass(frozen=True)
class Stage:
    """What follows a FROM; `before` is empty where an ARG names the base."""

    name: str
    before: str
    instructions: tuple[Instruction, ...]

    def of(self, name: str) -> list[str]:
        return [one.rest for one in self.instructions if one.name == name]


def instructions() -> list[Instruction]:
    lines = [line for line in TEXT.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    return [Instruction(line.split()[0], line.split(None, 1)[1]) for line in joined]


def stages() -> dict[str, Stage]:
    found: dict[str, Stage] = {}
    parts: list[list[Instruction]] = [[]]
    for one in instructions():
        if one.name == "FROM":
            parts.append([])
        parts[-1].append(one)
    for start, *rest in parts[1:]:
        before, name = re.fullmatch(r"(\S+) AS (\S+)", start.rest).groups()  # type: ignore[union-attr]
        found[name] = Stage(name, before, tuple(rest))
    return found


STAGES = stages()


def line(stage: str) -> list[Stage]:
    """A stage and those that it is built on."""
    found = [STAGES[stage]]
    while found[-1].before in STAGES:
        found.append(STAGES[found[-1].before])
    return found


def environment(stage: str) -> dict[str, str]:
    said = " ".join(text for one in reversed(line(stage)) for text in one.of("ENV"))
    return dict(pair.split("=", 1) for pair in said.split())


def test_there_is_a_target_for_each_image():
    assert set(IMAGES) <= STAGES.keys()
    assert [name for name in STAGES if name in IMAGES] == list(IMAGES)


@pytest.mark.parametrize(
    "asks", [r"^#\s*syntax=", r"@sha256:", r"--link\b", r"<<-?\s*['\"]?\w", r":latest\b"]
)
def test_no_registry_and_no_newer_engine_is_needed(asks):
    assert not re.search(asks, TEXT, re.MULTILINE)


def test_bases_are_arguments_or_stages_that_come_before():
    known: set[str] = set()
    for stage in STAGES.values():
        assert stage.before in known or "${" in stage.before, stage.name
        known.add(stage.name)
    assert "ARG PYTHON_IMAGE=python:3.12-slim" in TEXT.splitlines()


@pytest.mark.parametrize("image", IMAGES)
def test_what_runs_is_nobody_without_a_shell_and_the_first_process(image):
    run = line(image)
    assert [user for stage in run for user in stage.of("USER")] == [NOBODY]
    assert not [text for stage in run for text in (*stage.of("RUN"), *stage.of("ENTRYPOINT"))]
    assert json.loads(STAGES[image].of("CMD")[0])[:2] == ["python", "-m"]
    for health in (text for stage in run for text in stage.of("HEALTHCHECK")):
        assert json.loads(health.split(" CMD ")[1])[:2] == ["python", "-m"]


@pytest.mark.parametrize("image", IMAGES)
def test_packages_come_by_hash_from_the_image_s_own_lock(image):
    installed = next(line for line in PACKAGES.splitlines() if line.startswith("uv pip"))
    assert "--require-hashes" in installed and "--only-binary :all:" in installed
    lock = "${WORKER}" if image == "worker" else image
    assert STAGES[f"{image}-packages"].of("RUN") == [f"./image_packages.sh {lock}.lock /image"]
    assert STAGES[f"{image}-packages"].of("ARG") == (["WORKER=worker"] if image == "worker" else [])
    assert (ROOT / f"requirements/{image}.lock").exists()
    assert f"--from={image}-packages /image/ /" in STAGES[image].of("COPY")


@pytest.mark.parametrize("image", IMAGES)
def test_layers_are_copied_with_the_times_of_their_folders(image):
    copied = [text for stage in line(image) for text in stage.of("COPY")]
    assert len(copied) >= 3
    for text in copied:
        assert re.fullmatch(r"--from=[a-z-]+ /image/ /", text)


@pytest.mark.parametrize("image", ["worker", "worker-gpu"])
def test_machine_code_is_made_for_the_processors_that_workers_are_told(image):
    made, run = STAGES["machine-code"], STAGES[image]
    assert made.of("ARG") == run.of("ARG") == ["CPU=x86-64-v3"]
    for name in ("NOVACRON_CPU", "NUMBA_CACHE_DIR"):
        assert environment("machine-code")[name] == environment(image)[name]
    assert any("-m workers.quantum.warm --single" in text for text in made.of("RUN"))
    assert "--from=machine-code /image/ /" in run.of("COPY")


def test_the_worker_for_gpus_asks_for_no_library_of_cuda_that_its_image_lacks():
    """Arrays are allocated and copied by CUDA's runtime, modules compiled by its compiler."""
    assert "for library in cublas cufft curand cusolver cusparse nvjitlink; do" in PACKAGES
    uses = {
        source: set(re.findall(r"cupy\.([A-Za-z_.]+)", source.read_text()))
        for source in (ROOT / "workers").rglob("*.py")
    }
    [asked] = [names for names in uses.values() if names]
    assert asked == {
        "RawModule", "asnumpy", "cuda.Device", "cuda.memory.OutOfMemoryError",
        "cuda.runtime.CUDARuntimeError",
        "cuda.runtime.getDeviceCount", "cuda.runtime.getDeviceProperties", "cuda.runtime.memGetInfo",
        "empty", "get_default_memory_pool",
    }  # fmt: skip


def test_what_is_copied_is_there_and_is_sent_to_the_engine():
    sent = {text[1:] for text in (ROOT / ".dockerignore").read_text().splitlines() if text.startswith("!")}
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    copied = {
        word
        for stage in STAGES.values()
        for text in stage.of("COPY")
        if "--from=" not in text
        for word in text.split()[:-1]
    }
    worker = {name.replace("${WORKER}", lock) for name in copied for lock in ("worker", "worker-full")}
    for name in worker:
        assert (ROOT / name).exists(), name
        assert any(name == one or name.startswith(f"{one}/") for one in sent), name
    assert all(any(name == one or name.startswith(f"{one}/") for name in copied) for one in sent)


def test_files_have_the_time_that_the_builder_names():
    for stage in STAGES.values():
        for text in stage.of("RUN"):
            if "compileall" in text or "workers.quantum.warm" in text:
                assert '/image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}"' in text, (
                    stage.name
                )
    assert 'find "$root" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH"' in PACKAGES


def test_hadolint_finds_nothing():
    """The versions of Debian's packages are the base image's to say (DL3008)."""
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    assert hadolint is not None
    done = subprocess.run(
        [hadolint, "--ignore", "DL3008", str(ROOT / "Dockerfile")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
