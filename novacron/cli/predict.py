"""`predict`: classes of new samples from a job's trained model."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output


def predict(
    job_id: output.JobId,
    data: Annotated[Path, typer.Option("--data", metavar="FILE.csv", help="CSV file of the samples.")],
    as_json: output.AsJson = False,
    path: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE.csv",
            help="Output CSV file: the samples with an additional column of classes.",
        ),
    ] = None,
    force: output.Force = False,
) -> None:
    """Predict the classes of new samples with a trained model; columns are matched by name."""
    from novacron.inputs import prediction

    destination = output.chosen(path, force, as_json=as_json)
    client = output.client()
    trained = client.job(job_id).wait()
    output.end(trained.document)
    asked = client.submit(prediction.job_of(trained.document, data)).wait()
    output.end(asked.document)
    result = asked.document["result"]["value"]
    if destination is not None:
        destination.write(_table(data, result["predictions"]))
    if as_json:
        shown = {key: result[key] for key in ("predictions", "classes", "n_outside")}
        return output.emit({"job_id": asked.id, "model_job_id": trained.id, **shown})
    if destination is not None:
        return output.told(destination)
    for label in result["predictions"]:
        output.say(str(label))
    if result["n_outside"]:
        output.notice(f"{result['n_outside']} samples lie outside the range of the training samples")


def _table(data: Path, predictions: list[Any]) -> bytes:
    """Return the rows of the samples unchanged, with an additional column."""
    from novacron.inputs.text import read_text

    rows = [row for row in csv.reader(io.StringIO(read_text(data), newline="")) if row]
    column = ["prediction", *map(str, predictions)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([*row, one] for row, one in zip(rows, column, strict=True))
    return text.getvalue().encode()
