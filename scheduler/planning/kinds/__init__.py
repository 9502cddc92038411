"""How each kind of job becomes tasks: pure functions of the spec. One line a kind."""

from scheduler.planning.kinds import circuit, classical, crypto, qaoa, qml, vqe
from scheduler.planning.kinds.base import Planner

KINDS: dict[str, Planner] = {
    "pure_quantum": circuit.plan,
    "pure_classical": classical.plan,
    "hybrid_vqe": vqe.plan,
    "hybrid_qaoa": qaoa.plan,
    "quantum_ml": qml.plan,
    "cryptographic": crypto.plan,
}
