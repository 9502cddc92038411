"""The kinds of single jobs: their classes, and validation of one."""

from collections.abc import Mapping
from typing import Any

from novacron.errors import BadInput, nearest
from novacron.specs.base import Spec
from novacron.specs.circuit import Circuit
from novacron.specs.classical import Classical
from novacron.specs.compile import Compile
from novacron.specs.crypto import OPERATIONS, Crypto
from novacron.specs.qaoa import QAOA
from novacron.specs.qec_memory import QECMemory
from novacron.specs.qml import QML
from novacron.specs.refusal import validated
from novacron.specs.vqe import VQE

KINDS: dict[str, type[Spec]] = {
    "pure_quantum": Circuit,
    "pure_classical": Classical,
    "hybrid_vqe": VQE,
    "hybrid_qaoa": QAOA,
    "quantum_ml": QML,
    "qec_memory": QECMemory,
    "compile": Compile,
    "cryptographic": Crypto,
}


def class_of(data: object, kinds: Mapping[str, type[Spec]] = KINDS) -> type[Spec]:
    """Return the class for a job's kind, and for its operation if the kind is `cryptographic`.

    Args:
        data: the job.
        kinds: the kinds it may have.

    Raises:
        BadInput: it is not a mapping, or its kind or operation is missing or unknown.
    """
    if not isinstance(data, Mapping):
        rule = "is empty: a job" if data is None else "a job"
        raise BadInput(f"{rule} must be a mapping of keys to values", value=data)
    named = _choice(data, "kind", kinds)
    return _choice(data, "operation", OPERATIONS) if named is Crypto else named


def _choice(data: Mapping[str, Any], field: str, classes: Mapping[str, type[Spec]]) -> type[Spec]:
    name = data.get(field)
    if isinstance(name, str) and name in classes:
        return classes[name]
    known = ", ".join(classes)
    if name is None:
        raise BadInput(f"is required: one of {known}", field=field)
    close = nearest(name, classes)
    raise BadInput(
        f"must be one of {known}", field=field, value=name, hint=f"did you mean {close!r}?" if close else None
    )


def parse(data: object, *, stored: bool = False) -> Spec:
    """Validate a single job whose files are already inlined; see `novacron.specs.parse_spec`."""
    return validated(class_of(data), data, context={"stored": stored})
