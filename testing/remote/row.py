"""The declaration of the remote test backend, without imports that the scheduler would have to load."""

from shared.quantum.backends import Declaration
from shared.quantum.wants import Want

REMOTE = Declaration(
    name="remote",
    queue="qpu-ibm",
    implementation="testing.remote.backend:Remote",
    max_qubits=16,
    bytes_per_amplitude=0,
    growth=1,
    circuits=frozenset({Want.COUNTS}),
    devices=True,
    calibrations={"still": "still-1"},
    provider="a process of the tests",
)
