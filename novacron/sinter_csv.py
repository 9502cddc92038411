"""CSV files of sinter: counts of points by their strong id, read for `qec_memory` jobs and written from them.

Columns as in sinter 1.16: shots, errors, discards, seconds, decoder, strong_id, json_metadata, custom_counts.
Shots sampled by a job are marked with the job's seed under custom_counts, which sinter adds up when it merges
files: a job with the same seed would draw the same shots again.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from novacron.errors import BadInput

COLUMNS = ("shots", "errors", "discards", "seconds", "decoder", "strong_id", "json_metadata", "custom_counts")
REQUIRED = ("shots", "errors", "strong_id")
SEED = "novacron_seed_"


def read(text: str, file: str) -> dict[str, Any]:
    """Return `{"rows": [...]}`, one row for each strong id, with the counts of its lines added.

    Raises:
        BadInput: a column is missing, or a line has no counts.
    """
    lines = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    header = [name.strip() for name in next(lines, [])]
    for name in REQUIRED:
        if name not in header:
            raise BadInput(f"has no column {name}", file=file, line=1, hint="give a CSV file of sinter")
    found: dict[str, dict[str, Any]] = {}
    for cells in lines:
        if not any(cells):
            continue
        line = dict(zip(header, map(str.strip, cells), strict=False))
        row = _row(line, file, lines.line_num)
        known = found.setdefault(row["strong_id"], row)
        if known is not row:
            for name in ("shots", "errors", "discards", "seconds"):
                known[name] += row[name]
            known["seeds"] = sorted({*known["seeds"], *row["seeds"]})
    return {"rows": list(found.values())}


def _row(line: Mapping[str, str], file: str, number: int) -> dict[str, Any]:
    try:
        custom = json.loads(line.get("custom_counts") or "{}")
        return {
            "strong_id": line["strong_id"],
            "shots": int(line["shots"]),
            "errors": int(line["errors"]),
            "discards": int(line.get("discards") or 0),
            "seconds": float(line.get("seconds") or 0),
            "seeds": sorted(int(name.removeprefix(SEED)) for name in custom if name.startswith(SEED)),
        }
    except (KeyError, ValueError, AttributeError):
        rule = "must hold a strong_id, whole numbers of shots and errors, and custom_counts as JSON or empty"
        raise BadInput(rule, file=file, line=number) from None


def written(points: Iterable[Mapping[str, Any]]) -> str:
    """Return the points of a result as a file of sinter."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for point in points:
        names = ("code", "distance", "rounds", "basis", "p", "decoder", "noise")
        metadata = point["metadata"] if point["code"] is None else {name: point[name] for name in names}
        seeds = json.dumps({f"{SEED}{seed}": 1 for seed in point["seeds"]}) if point["seeds"] else ""
        lines.writerow([
            point["shots"], point["errors"], 0, point["seconds"], point["decoder"], point["strong_id"],
            json.dumps(metadata, sort_keys=True, separators=(",", ":")), seeds,
        ])  # fmt: skip
    return text.getvalue()
