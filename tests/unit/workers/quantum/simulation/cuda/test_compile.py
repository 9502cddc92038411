"""CUDA's compiler takes all kernels, for the oldest and the newest cards that are supported."""

import subprocess
from pathlib import Path

import pytest

from workers.quantum.simulation.cuda import source

PRECISIONS: tuple[source.Precision, ...] = ("double", "single")


@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_all_kernels_compile(architecture: str, tmp_path: Path) -> None:
    names = dict.fromkeys(name for precision in PRECISIONS for name in source.expressions(precision))
    addresses = ", ".join(f"(void*)&{name}" for name in names)
    text, binary = tmp_path / "kernels.cu", tmp_path / "kernels.cubin"
    text.write_text(f"{source.text()}\nvoid* kernels[] = {{{addresses}}};\n")
    command = ["nvcc", "-std=c++17", "-cubin", f"-arch={architecture}", str(text), "-o", str(binary)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "warning" not in result.stderr
    for name in source.KERNELS + source.STEPPING:
        assert name.encode() in binary.read_bytes()
