"""Planners, one for each kind of job: pure functions of the spec."""

from scheduler.planning.kinds import circuit, classical, compile, crypto, qaoa, qec_memory, qml, vqe
from scheduler.planning.kinds.base import Planner

KINDS: dict[str, Planner] = {
    "pure_quantum": circuit.plan,
    "pure_classical": classical.plan,
    "hybrid_vqe": vqe.plan,
    "hybrid_qaoa": qaoa.plan,
    "quantum_ml": qml.plan,
    "qec_memory": qec_memory.plan,
    "compile": compile.plan,
    "cryptographic": crypto.plan,
}
