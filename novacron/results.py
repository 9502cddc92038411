"""Results of completed jobs, one class per kind.

Additional fields from the server are kept and readable as attributes; missing fields are None. Bitstrings
have qubit, node or classical bit 0 leftmost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from novacron._text import on_one_line, short
from novacron._view import cause, ending
from novacron.arrays import read_arrays
from novacron.errors import JobCancelled, JobFailed, ServerError, StillRunning

SHOWN = (
    "energy", "std_error", "best_value", "best_bitstring", "expectation", "approximation_ratio",
    "train_accuracy", "test_accuracy", "counts", "probabilities", "expectations", "function", "value",
    "operation", "verified", "converged", "n_evaluations", "n_jobs", "n_failed", "n_cached", "best",
)  # fmt: skip
"""Fields shown in a result's repr, if present."""


class Result(BaseModel):
    """Fields that the results of all kinds share.

    Attributes:
        receipt: provenance of the result: versions, seeds, noise, calibration, cache hits.
        from_cache: whether it came from the cache.
        wall_time_s: seconds from the first task's start to the end.
        queue_time_s: seconds from submission to the first task's start.
        backend: backend that ran the circuits.
        n_evaluations: number of objective evaluations.
        warnings: caveats of the numbers; empty if there are none.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    receipt: dict[str, Any] | None = None
    from_cache: bool | None = None
    wall_time_s: float | None = None
    queue_time_s: float | None = None
    backend: str | None = None
    n_evaluations: int | None = None
    warnings: list[str] | None = None

    def __repr__(self) -> str:
        pairs = ((name, getattr(self, name, None)) for name in (*SHOWN, "wall_time_s", "from_cache"))
        parts = [f"{name}={short(value)}" for name, value in pairs if value is not None]
        return on_one_line(f"<{' '.join([type(self).__name__, *parts])}>")

    __str__ = __repr__

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class HistoryPoint(BaseModel):
    """One objective evaluation of a loop.

    Attributes:
        evaluation: counted from 1.
        energy: value in the Hamiltonian's unit.
        std_error: standard error of the energy, if it was sampled.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    evaluation: int
    energy: float
    std_error: float | None = None


class VQEResult(Result):
    """The lowest energy found, with the parameters that gave it.

    Attributes:
        energy: in the Hamiltonian's unit (hartree for molecules).
        parameters: shape (n_parameters,), radians.
        parameter_names: one name per parameter.
        operators: G of the gate exp(theta G) of each parameter.
        order: qubit order of bitstrings, and the meaning of the operators, as text.
        std_error: standard error of `energy` if it comes from two shots or more, else None.
        n_iterations: iterations of the optimizer.
        history: energy of every evaluation, in order.
        converged: whether the optimizer met its tolerance.
        e_hf: energy of the reference determinant.
        e_exact: exact energy: the one given, or else computed if that is cheap.
        n_particles: <N> in the final state, for fermions.
        s_z: <S_z>.
        s_squared: <S^2>.
        variance: <H^2> - <H>^2 in the final state.
        mitigation: methods, circuits, shots and unmitigated values, if the job asked for mitigation.
    """

    energy: float | None = None
    parameters: list[float] | None = None
    parameter_names: list[str] | None = None
    operators: list[str] | None = None
    order: str | None = None
    std_error: float | None = None
    n_iterations: int | None = None
    history: list[HistoryPoint] | None = None
    converged: bool | None = None
    e_hf: float | None = None
    e_exact: float | None = None
    n_particles: float | None = None
    s_z: float | None = None
    s_squared: float | None = None
    variance: float | None = None
    mitigation: dict[str, Any] | None = None


class QAOAResult(Result):
    """The best assignment sampled from the optimised circuit.

    Attributes:
        best_bitstring: character i is node, variable or spin i.
        best_value: objective value of it: cut weight (maximised), QUBO or Ising energy (minimised).
        expectation: mean value over the circuit's distribution.
        std_error: standard error of `expectation` if it comes from trajectories, else None.
        angles: the optimised angles, radians.
        parameters: the same in one list, gammas first, with `parameter_names` and `operators` as in a VQE.
        samples: count of each bitstring.
        approximation_ratio: (expectation - worst) / (optimum - worst), if both are known.
        names: names of the nodes, variables or spins, in the order of the bits.
        assignment: name: 0 or 1 in the best bitstring; 1 or -1 for Ising.
        partition: for a graph, the names on side 0 and those on side 1.
        mitigation: methods, circuits, shots and unmitigated values, if the job asked for mitigation.
    """

    best_bitstring: str | None = None
    best_value: float | None = None
    expectation: float | None = None
    std_error: float | None = None
    angles: Any = None
    parameters: list[float] | None = None
    parameter_names: list[str] | None = None
    operators: list[str] | None = None
    order: str | None = None
    samples: dict[str, int] | None = None
    approximation_ratio: float | None = None
    names: list[str] | None = None
    assignment: dict[str, int] | None = None
    partition: list[list[str]] | None = None
    mitigation: dict[str, Any] | None = None


class QMLResult(Result):
    """A trained classifier's accuracy and predictions.

    Attributes:
        train_accuracy: share of correctly classified training samples, 0 to 1.
        test_accuracy: the same for the test samples.
        predictions: predicted labels of the test samples, in their order.
        model: data needed to predict new samples; used by `Job.predict`.
        kernel: for a kernel machine, the matrices `train` and `test` and their statistics.
    """

    train_accuracy: float | None = None
    test_accuracy: float | None = None
    predictions: list[Any] | None = None
    model: dict[str, Any] | None = None
    kernel: dict[str, Any] | None = None


class BatchResult(Result):
    """Arrays of a circuit job with points, several circuits, or nested observables.

    Points have the shape P, expectation values the shape S that points and observables broadcast to. Small
    arrays are nested lists, larger ones `novacron.arrays.Array`; `numpy.asarray` converts both. Complex
    numbers of nested lists are pairs [real, imaginary].

    Attributes:
        results: one mapping with the following keys for each circuit, if the job has `circuits`.
        points: the shape P.
        expectations: float64[*S].
        standard_errors: float64[*S], if sampled.
        gradient: derivatives by the parameters, float64[*S, n_parameters].
        variances: <O^2> - <O>^2 of each observable, float64[*S].
        probabilities: float64[*P, 2^width]; character 0 of an outcome is the most significant bit.
        state: complex128[*P, 2^n]; qubit 0 is the most significant bit.
        counts: shots per outcome, nested lists of shape P.
        bits: uint8[*P, shots, ceil(width / 8)] in shot order; `numpy.unpackbits` along the last axis gives
            the characters of an outcome.
    """

    results: list[dict[str, Any]] | None = None
    points: list[int] | None = None
    expectations: Any = None
    standard_errors: Any = None
    gradient: Any = None
    variances: Any = None
    probabilities: Any = None
    state: Any = None
    counts: Any = None
    bits: Any = None


class CircuitResult(Result):
    """The result of a circuit.

    Attributes:
        counts: shots per outcome; character i is classical bit i, registers in declaration order.
        probabilities: exact probability per outcome, with the same bitstrings.
        ideal_probabilities: the same without the job's noise, if there is noise and at most 10 qubits.
        expectations: one value per observable.
        standard_errors: standard errors of the expectations, if they were sampled.
        purity: trace of the squared state, if requested.
        entropy_bits: von Neumann entropy of the state, if requested.
        fidelity: fidelity with the state without noise, if requested.
        compilation: what the compiler did, for a circuit that ran on a device.
        uncorrected_counts: for an encoded circuit, the counts without decoding.
        error_correction: for an encoded circuit, code, size, decoder, and the rates of wrong outcomes.
        mitigation: methods, circuits, shots and unmitigated values, if the job asked for mitigation.
    """

    counts: dict[str, int] | None = None
    probabilities: dict[str, float] | None = None
    ideal_probabilities: dict[str, float] | None = None
    expectations: Any = None
    standard_errors: dict[str, float | None] | None = None
    purity: float | None = None
    entropy_bits: float | None = None
    fidelity: float | None = None
    compilation: dict[str, Any] | None = None
    uncorrected_counts: dict[str, int] | None = None
    error_correction: dict[str, Any] | None = None
    mitigation: dict[str, Any] | None = None


class QECPoint(BaseModel):
    """The logical error rate of one circuit with one decoder.

    `code`, `distance`, `rounds`, `basis`, `noise` and `p` are None for a circuit of the user.

    Attributes:
        code: family of codes.
        distance: code distance.
        rounds: rounds of syndrome extraction.
        basis: basis of the stored logical state.
        noise: name of the noise model.
        p: physical error probability.
        decoder: name of the decoder.
        sampling: `direct`, `stratified` or `reweighted`.
        shots: number of shots.
        errors: shots in which an observable was predicted wrongly.
        rate: of all rounds together; errors / shots if sampled directly.
        std_error: standard error of the rate; None in results of older versions.
        rate_low: lower end of the confidence interval of the rate.
        rate_high: its upper end.
        seconds: processor seconds of sampling and decoding.
        strong_id: sinter's id of circuit, decoder and metadata.
        seeds: seeds of the jobs that sampled the shots; those of other programs have none.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    code: str | None
    distance: int | None
    rounds: int | None
    basis: str | None
    noise: str | None
    p: float | None
    decoder: str
    sampling: str = "direct"
    shots: int
    errors: int
    rate: float
    std_error: float | None = None
    rate_low: float
    rate_high: float
    seconds: float
    strong_id: str
    seeds: list[int] = []


class QECMemoryResult(Result):
    """Logical error rates of memory experiments.

    Attributes:
        points: one per distance, physical error probability and decoder, in this order.
        fit: `lambdas`, the factor by which distance d + 2 lowers the error rate of a round, at each p, and
            `thresholds`, each per decoder and with its interval, as far as the points determine them.
        confidence: confidence level of all intervals.
    """

    points: list[QECPoint] | None = None
    fit: dict[str, list[dict[str, Any]]] | None = None
    confidence: float | None = None


class CompileResult(Result):
    """A circuit compiled for a device.

    Attributes:
        circuit: the circuit record on the device's qubits, in its basis gates.
        layout: device qubit of each qubit at the beginning (`initial`) and at the end (`final`).
        verified: how equality with the source was shown: `unitary`, `interactions`, `states`, `tableau`,
            `histories`, `sampled histories`, `structure`, or `not verified`.
        schedule: `duration_s`, `starts_s` of each instruction, `gaps` (qubit, start, duration), and of these
            `decoupling_slots`, in which two X gates fit.
        metadata: figures before and after, strategies, passes.
    """

    circuit: dict[str, Any] | None = None
    layout: dict[str, list[int]] | None = None
    verified: str | None = None
    schedule: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class ClassicalResult(Result):
    """The return value of a registered function; its fields are the function's own."""


class CryptographicResult(Result):
    """The result of a cryptographic operation; its fields are the operation's own."""


class SweepResult(Result):
    """How the jobs of a sweep ended.

    Attributes:
        n_jobs: number of jobs.
        n_completed: number of these that completed.
        n_failed: number of these that failed.
        n_cancelled: number of these that were cancelled.
        n_cached: number of these whose result came from the cache.
        best: the best job: `job_id`, `coordinates` and the compared `value`; None if there is no such number.
    """

    n_jobs: int | None = None
    n_completed: int | None = None
    n_failed: int | None = None
    n_cancelled: int | None = None
    n_cached: int | None = None
    best: dict[str, Any] | None = None


RESULTS: dict[str, type[Result]] = {
    "hybrid_vqe": VQEResult,
    "hybrid_qaoa": QAOAResult,
    "quantum_ml": QMLResult,
    "pure_quantum": CircuitResult,
    "pure_classical": ClassicalResult,
    "qec_memory": QECMemoryResult,
    "compile": CompileResult,
    "cryptographic": CryptographicResult,
    "sweep": SweepResult,
}


def of(job: Mapping[str, Any]) -> Result:
    """Return the result of an ended job, from its document.

    Raises:
        JobFailed: it failed; the message is the cause.
        JobCancelled: it was cancelled; the message says by whom and when.
        StillRunning: it has not ended.
        ServerError: the result's fields are not of the declared types.
    """
    job_id, status = job["job_id"], job["status"]
    if status == "failed":
        raise JobFailed(cause(job) or ending(job), job_id, job)
    if status == "cancelled":
        raise JobCancelled(ending(job), job_id, job)
    if status != "completed":
        raise StillRunning(job_id, status)
    document = job.get("result") or {}
    kind = RESULTS.get(job["kind"], Result)
    if kind is CircuitResult and ("points" in document or "results" in document):
        kind, document = BatchResult, read_arrays(document)
    try:
        return kind.model_validate(document)
    except ValueError as error:
        raise ServerError(f"the result of job {job_id} cannot be read: {error}") from None
