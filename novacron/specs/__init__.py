"""Job specs: one frozen class per kind of job.

The client and the scheduler validate with these same classes. `model_dump(mode="json")` of a spec is the job
as it is submitted, stored and read by workers: plain JSON with all defaults filled in and all files inlined.
"""

from novacron.specs.base import Budget, Spec
from novacron.specs.circuit import Circuit
from novacron.specs.classical import Classical
from novacron.specs.compile import Compile
from novacron.specs.crypto import Crypto
from novacron.specs.kinds import KINDS, class_of
from novacron.specs.qaoa import QAOA
from novacron.specs.qec_memory import QECMemory
from novacron.specs.qml import QML
from novacron.specs.refusal import validated
from novacron.specs.sweep import Sweep
from novacron.specs.vqe import VQE

__all__ = [
    "QAOA",
    "QML",
    "SPECS",
    "VQE",
    "Budget",
    "Circuit",
    "Classical",
    "Compile",
    "Crypto",
    "QECMemory",
    "Spec",
    "Sweep",
    "parse_spec",
    "spec_class",
]

SPECS: dict[str, type[Spec]] = {**KINDS, "sweep": Sweep}


def spec_class(data: object) -> type[Spec]:
    """Return the class for a job's kind, and for its operation if the kind is `cryptographic`.

    Raises:
        BadInput: it is not a mapping, or its kind or operation is missing or unknown.
    """
    return class_of(data, SPECS)


def parse_spec(data: object, *, stored: bool = False) -> Spec:
    """Validate a job whose files are already inlined. Reads no file.

    Args:
        data: the job.
        stored: whether it comes from the scheduler's own tables, where circuits are stored parsed.

    Raises:
        BadInput: it breaks a rule; the exception carries all the errors.
    """
    return validated(spec_class(data), data, context={"stored": stored})
