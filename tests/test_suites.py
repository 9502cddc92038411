"""Every module has a suite: a test file of its name, the unit tests of its folder, or a suite named here."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("novacron", "shared", "scheduler", "workers")
SUITES = {
    "novacron/algorithms": ("conformance/test_crypto_providers.py", "acceptance/test_algorithms.py"),
    "novacron/cli/crypto": (
        "acceptance/test_keys.py",
        "acceptance/test_certificates.py",
        "acceptance/test_envelopes.py",
    ),
    "novacron/inputs/graphs": ("unit/novacron/inputs/test_graph_files.py",),
    "scheduler": ("integration/test_probes.py",),
    "scheduler/api/crypto": ("integration/test_api_keys.py", "acceptance/test_answers.py"),
    "scheduler/api/models": ("integration/test_api_schema.py", "acceptance/test_answers.py"),
    "scheduler/doctor": ("integration/test_doctor.py",),
    "scheduler/observation": ("integration/core/test_observation.py",),
    "shared/circuits/classical": (
        "unit/shared/circuits/test_reader.py",
        "conformance/test_random_circuits.py",
    ),
    "shared/circuits/qasm2": ("unit/shared/circuits/test_qasm2.py",),
    "shared/circuits/qasm3": ("unit/shared/circuits/test_reader.py", "conformance/test_random_circuits.py"),
    "workers": ("faults/test_workers.py", "integration/core/test_execute.py"),
    "workers/crypto/inventory/formats": (
        "unit/workers/crypto/inventory/test_files.py",
        "unit/workers/crypto/inventory/test_forms.py",
    ),
    "workers/crypto/migration/executors": ("integration/migration", "faults/test_migration.py"),
    "workers/operations": ("unit/workers/quantum/classical/test_classical_operations.py",),
    "workers/quantum/providers": ("conformance/test_providers.py", "integration/test_qpu.py"),
    "workers/quantum/simulation/cpu/kernels": (
        "conformance/test_backends.py",
        "unit/workers/quantum/simulation/statevector",
    ),
}
"""Folders whose tests lie elsewhere, as they take a file, a server or a backend whole."""
FOLDERS = sorted(
    {
        str(path.parent.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name not in ("__init__.py", "__main__.py")
    }
)


def mirrored(folder: str) -> bool:
    """Whether unit tests of a folder import from it."""
    module = folder.replace("/", ".")
    return any(module in path.read_text() for path in (ROOT / "tests" / "unit" / folder).glob("test_*.py"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_has_unit_tests_or_names_its_suites(folder):
    assert mirrored(folder) != (folder in SUITES), "name its suites, or only if it has no unit tests"


def test_suites_that_are_named_are_there():
    missing = {
        suite for suites in SUITES.values() for suite in suites if not (ROOT / "tests" / suite).exists()
    }
    assert not missing and SUITES.keys() <= set(FOLDERS)
