"""Tables of the scheduler's documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from novacron import _quantity, _units
from novacron._quantity import Quantity
from novacron._text import printable
from novacron.cli import batches, mitigation, rates, values
from novacron.cli.quote import quoted

Result: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = list[tuple[str, str]]
TOP_OUTCOMES = 8
NO_SEED = ", no seed"
"""Marks a key that should be rotated, as docs/keys.md explains."""


def jobs(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table with one job per row; times are UTC."""
    table = table_of("job", "name", "kind", "status", "best", "submitted (UTC)")
    for column in table.columns:
        column.no_wrap = True
    table.columns[1].overflow = "ellipsis"
    for job in found:
        share = f" {job.get('progress') or 0:.0%}" if job["status"] == "running" else ""
        submitted = str(job.get("created_at") or "")[5:16].replace("T", " ")
        best = number(job.get("best_value"))
        table.add_row(
            job["job_id"], job.get("name") or "", job["kind"], job["status"] + share, best, submitted
        )
    return table


def backends(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table with one backend per row."""
    table = table_of("backend", "queue", "available", "qubits", "shots", "gradients", "noise", "precision")
    for one in found:
        available = "yes" if one.get("available") else f"no: {one.get('why') or ''}"
        limits = (one.get(name) for name in ("max_qubits", "shots", "gradients", "noise", "precision"))
        table.add_row(one["name"], one.get("queue") or "", available, *map(_text, limits))
    return table


def workers(found: Mapping[str, Any]) -> Table:
    """Return a table with one worker per row."""
    table = table_of("worker", "queue", "host", "busy", "seen", "healthy")
    for one in found["workers"]:
        busy = f"{one.get('busy', 0)}/{one.get('slots', '?')}"
        seen = f"{one.get('last_seen_s') or 0:.1f} s ago"
        healthy = "yes" if one.get("healthy") else "no"
        place = (one.get("queue") or "", one.get("host") or "")
        table.add_row(str(one["worker"]), *place, busy, seen, healthy)
    return table


def queues(found: Mapping[str, Any]) -> Table:
    """Return a table with one queue per row."""
    columns = ("ready", "queued", "running", "workers", "slots")
    table = table_of("queue", *columns)
    for one in found.get("queues", ()):
        table.add_row(one["queue"], *(str(one.get(column, "")) for column in columns))
    return table


def algorithms(found: Mapping[str, Any]) -> list[RenderableType]:
    """Return a table with one available algorithm per row, with its library; then the others by reason.

    Sizes in bytes: of the public key, and of the ciphertext or signature.
    """
    table = table_of("algorithm", "type", "level", "status", "public key", "sent", "library")
    absent: dict[str, list[str]] = {}
    for one in found["algorithms"]:
        here = [provider["name"] for provider in one["providers"] if provider["available"]]
        if not here:
            absent.setdefault(_reasons(one), []).append(one["name"])
            continue
        sent = one.get("ciphertext_bytes") or one.get("signature_bytes")
        sizes = map(_text, (one["nist_level"], one["status"], one["public_key_bytes"], sent))
        table.add_row(one["name"], one["type"], *sizes, here[0])
    return [table, *(f"not here, {why}: {', '.join(names)}" for why, names in absent.items())]


def _reasons(algorithm: Mapping[str, Any]) -> str:
    return "; ".join(provider["why"] for provider in algorithm["providers"])


def keys(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table with one key per row."""
    table = table_of("key", "algorithm", "usage", "state", "version", "label", "created")
    for one in found:
        state = one["state"] + (NO_SEED if one["seedless"] else "")
        what = (one["algorithm"], one["usage"], state, str(one["version"]), one.get("label") or "")
        table.add_row(one["key_id"], *what, _minute(one["created_at"]))
    return table


def key(found: Mapping[str, Any]) -> Table:
    """Return a table of a key's properties."""
    facts = _facts()
    for name in ("key_id", "label", "algorithm", "usage", "state", "version", "created_at", "created_by"):
        facts.add_row(name.replace("_", " "), _text(found.get(name)))
    return facts


def key_versions(found: Mapping[str, Any]) -> Table:
    """Return a table with one version of a key per row; sizes in bytes."""
    table = table_of("version", "algorithm", "public key", "origin", "created", "destroyed")
    for one in found["versions"]:
        moments = (_minute(one[name]) for name in ("created_at", "destroyed_at"))
        origin = one["origin"] + (NO_SEED if one["seedless"] else "")
        table.add_row(str(one["version"]), one["algorithm"], str(one["key_size"]), origin, *moments)
    return table


def certificates(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table with one certificate per row."""
    table = table_of("certificate", "subject", "algorithm", "CA", "status", "until", "issuer")
    for one in found:
        ca = "yes" if one["ca"] else ""
        what = (one["subject"], one["algorithm"], ca, one["status"], one["not_after"][:10])
        table.add_row(one["certificate_id"], *what, one["issuer_id"] or "itself")
    return table


def certificate(found: Mapping[str, Any]) -> Table:
    """Return a table of a certificate's properties."""
    facts = _facts()
    names = (
        "certificate_id", "subject", "subject_alternative_names", "issuer", "issuer_id", "serial_number",
        "algorithm", "key_id", "key_usage", "not_before", "not_after", "status", "revoked_at",
        "revocation_reason", "fingerprint_sha256", "companion_of",
    )  # fmt: skip
    for name in names:
        value = found.get(name)
        shown = ", ".join(value) if isinstance(value, list) else _text(value)
        facts.add_row(name.replace("_", " "), shown)
    return facts


def audit(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table with one audit entry per row; times are UTC."""
    table = table_of("number", "at", "actor", "action", "subject", "details")
    for one in found:
        details = ", ".join(f"{name} {_text(value)}" for name, value in one["details"].items())
        what = (one["actor"], one["action"], one["subject"], details)
        table.add_row(str(one["seq"]), one["at"][:19].replace("T", " "), *what)
    return table


def _minute(moment: str | None) -> str:
    return str(moment or "")[:16].replace("T", " ")


def plan(found: Mapping[str, Any]) -> list[RenderableType]:
    """Return the tables of an explanation: the decisions with their reasons, the tasks, the estimate."""
    facts = _facts()
    facts.add_row("kind", found["kind"] + (f", {n} qubits" if (n := found.get("n_qubits")) else ""))
    facts.add_row("granularity", _because(found.get("granularity"), found.get("why")))
    place = ", ".join(filter(None, (found.get("queue"), values.backend_of(found))))
    facts.add_row("runs on", _because(place, found.get("placement_why")))
    facts.add_row("cache", str(found.get("cache") or ""))
    loop = found.get("loop")
    if loop:
        facts.add_row("loop", _loop(loop))
    for name, text in _estimated(found.get("estimate") or {}):
        if not (loop and name == "evaluations"):  # shown with the loop
            facts.add_row(name, text)
    for kind in ("warning", "notice"):
        for message in found.get(f"{kind}s") or ():
            facts.add_row(kind, Text(str(message)))
    table = table_of("task", "operation", "queue", "count", "after", "modelled", "memory")
    for task in found.get("tasks", ()):
        table.add_row(
            task["name"],
            task.get("operation") or "",
            task.get("queue") or "",
            str(task.get("count", 1)),
            ", ".join(task.get("after") or ()),
            _units.duration(task.get("cost_s") or 0.0),
            _units.size(task.get("memory_bytes") or 0),
        )
    return [facts, table]


def _loop(loop: Mapping[str, Any]) -> str:
    starts, units = loop["n_loops"], loop["units_per_evaluation"]
    parts = {None: "as many parts as the worker finds", 1: "1 part"}.get(units, f"{units} parts")
    of = f"{starts} starts together" if starts > 1 else "1 start"
    return f"about {loop['expected_evaluations']} evaluations of {parts}, {of}"


def _estimated(estimate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not estimate:
        return
    start_s = estimate.get("start_s") or 0.0
    yield "starts", f"in about {_units.duration(start_s)}" if start_s else "at once"
    yield "takes", _units.takes(estimate)
    yield "memory", _units.size(estimate.get("memory_bytes") or 0)
    if estimate.get("evaluations"):
        yield "evaluations", f"about {estimate['evaluations']:,}"
    yield from quoted(estimate)


def summary(
    job: Mapping[str, Any],
    references: Mapping[str, float],
    placement: Mapping[str, Any] | None = None,
    told: Collection[str] = (),
) -> Table:
    """Return the summary of a completed job: value, exact value, error, evaluations, times, placement.

    Warnings that were already shown are left out.
    """
    result = job.get("result") or {}
    table = _facts()
    for name, value in [
        *_VALUES.get(job["kind"], _plain)(result, references, _quantity.of(job)),
        *_course(job, result, placement),
    ]:
        if value:
            table.add_row(name, value)
    for message in (one for one in result.get("warnings") or () if one not in told):
        table.add_row(Text("warning", "yellow"), Text(printable(str(message)), "yellow"))
    return table


def _vqe(result: Result, references: Mapping[str, float], quantity: Quantity) -> Rows:
    energy = result.get("energy")
    written = "" if energy is None else f"{energy:.10f}" + values.spread(result)
    unit = f" {quantity.unit}" if quantity.molecular and written else ""
    error = "" if energy is None else compared(energy, references, quantity)
    return [
        ("energy", written + unit),
        ("exact", number(references.get("e_exact"), 12)),
        ("Hartree-Fock", number(references.get("e_hf"), 12)),
        ("error", error.removeprefix("error ")),
        *mitigation.rows(result),
        *_last_word(result),
    ]


def _qaoa(result: Result, references: Mapping[str, float], quantity: Quantity) -> Rows:
    return [
        ("best value", number(result.get("best_value"))),
        ("optimum", number(references.get("optimum"))),
        ("best bitstring", result.get("best_bitstring") or ""),
        ("expectation", number(result.get("expectation")) + values.spread(result)),
        ("approximation ratio", number(result.get("approximation_ratio"), 4)),
        *mitigation.rows(result),
        *_last_word(result),
    ]


def _last_word(result: Result) -> Rows:
    """Return how the optimizer ended; with several starts, how many converged."""
    converged, starts = result.get("converged"), result.get("starts") or ()
    if converged is None:
        return []
    message = f": {result['message']}" if not converged and result.get("message") else ""
    rows = [("converged", "yes" if converged else f"no{message}")]
    if len(starts) > 1:
        ended = sum(bool(one.get("converged")) for one in starts)
        best = (result.get("start") or 0) + 1
        rows.append(("starts", f"{len(starts)}: the best is start {best}, {ended} converged"))
    return rows


def _qml(result: Result, references: Mapping[str, float], quantity: Quantity) -> Rows:
    return [
        ("train accuracy", _share(result.get("train_accuracy"))),
        ("test accuracy", _share(result.get("test_accuracy"))),
        *_last_word(result),
    ]


def _circuit(result: Result, references: Mapping[str, float], quantity: Quantity) -> Rows:
    if batches.is_batch(result):
        return batches.rows(result)
    outcomes: Mapping[str, float] = result.get("counts") or result.get("probabilities") or {}
    top = sorted(outcomes.items(), key=lambda item: (-item[1], item[0]))
    rows = [(_short(bits), number(value, 6)) for bits, value in top[:TOP_OUTCOMES]]
    if len(top) > TOP_OUTCOMES:
        rows.append(("further outcomes", str(len(top) - TOP_OUTCOMES)))
    errors: Mapping[str, float | None] = result.get("standard_errors") or {}
    for name, value in (result.get("expectations") or {}).items():
        spread = errors.get(name)
        rows.append((f"<{_short(name)}>", number(value, 8) + ("" if spread is None else f" ± {spread:.2g}")))
    rows += mitigation.rows(result)
    encoded: Mapping[str, Any] = result.get("error_correction") or {}
    told = ("n_physical_qubits", "rounds", "logical_error_rate", "uncorrected_error_rate")
    rows += [
        (name.removeprefix("n_").replace("_", " "), number(encoded[name], 4))
        for name in told
        if name in encoded
    ]
    names = ("purity", "entropy_bits", "fidelity")
    return rows + [(name.replace("_", " "), _text(result[name])) for name in names if name in result]


def _short(bits: str) -> str:
    """Return a long outcome with its middle elided."""
    return bits if len(bits) <= 64 else f"{bits[:30]}...{bits[-30:]}"


def _plain(result: Result, references: Mapping[str, float], quantity: Quantity) -> Rows:
    own = {name: value for name, value in result.items() if name not in _COURSE}
    inner = own.pop("value", {})
    return values.lines(own | (inner if isinstance(inner, dict) else {"value": inner}))


_VALUES: dict[str, Callable[..., Rows]] = {
    "hybrid_vqe": _vqe,
    "hybrid_qaoa": _qaoa,
    "quantum_ml": _qml,
    "pure_quantum": _circuit,
    "qec_memory": rates.rows,
    "compile": values.compilation,
    "sweep": values.sweep,
}
_COURSE = frozenset(
    {"receipt", "from_cache", "wall_time_s", "queue_time_s", "backend", "device", "n_evaluations", "warnings"}
)


def _course(
    job: Mapping[str, Any], result: Mapping[str, Any], placement: Mapping[str, Any] | None
) -> list[tuple[str, str]]:
    receipt = result.get("receipt") or {}
    cached = result.get("from_cache", job.get("from_cache"))
    return [
        ("evaluations", number(result.get("n_evaluations") or None)),
        ("wall time", _seconds(result.get("wall_time_s", job.get("wall_time_s")))),
        ("queue time", _seconds(result.get("queue_time_s", job.get("queue_time_s")))),
        ("backend", values.backend_of(result if result.get("backend") else job)),
        ("queue", (placement or {}).get("queue") or job.get("queue") or receipt.get("queue") or ""),
        ("cache", "" if cached is None else ("hit" if cached else "miss")),
    ]


def compared(value: float, references: Mapping[str, float], quantity: Quantity) -> str:
    """Return a value's deviation: mHa for molecules, the share of the optimum for a maximum cut."""
    optimum = references.get("optimum")
    if optimum is not None and quantity.maximized:
        return f"{value / optimum:.2%} of the optimum" if optimum else ""
    if optimum is not None:
        return f"{value - optimum:+.6g} from the optimum"
    if "e_exact" not in references:
        return ""
    return f"error {quantity.error(value - references['e_exact'])}"


def number(value: Any, digits: int = 8) -> str:
    """Format a number compactly; None is empty."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.{digits}g}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f} s"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _because(what: Any, why: Any) -> str:
    return f"{what}: {why}" if why else str(what)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = number(value, 12) if isinstance(value, float) or value is None else str(value)
    return text if len(text) <= 200 else text[:197] + "..."


def table_of(*columns: str, title: str | None = None) -> Table:
    """Return an empty table in the common style; the first column is never wrapped."""
    table = Table(
        title=title, box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, header_style="bold"
    )
    for index, column in enumerate(columns):
        table.add_column(column, no_wrap=index == 0, overflow="fold")
    return table


def _facts() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    return table
