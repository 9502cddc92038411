from workers.quantum.backends import missing

WHY = missing("gpu")
collect_ignore = ["test_gpu.py"] if WHY else []


def pytest_not_run() -> list[str]:
    return [f"tests on a CUDA device not run: {WHY}"] if WHY else []
