"""Crypto-agility of an asset: weighted questions, after CARAF."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from novacron.answers.migration import Agility, Question
from novacron.errors import BadInput, nearest
from scheduler.pqc.migration.tables import table

WORTH = {"yes": 1.0, "partly": 0.5, "no": 0.0}


@cache
def questions() -> tuple[Question, ...]:
    """Return the questions: id, text, weight, and the kinds of assets for which yes is assumed."""
    return tuple(map(Question, table("agility")["questions"]))


def check(answers: Mapping[str, str]) -> None:
    """Refuse answers to unknown questions.

    Raises:
        BadInput: it names the closest question.
    """
    known = [question["id"] for question in questions()]
    for name in answers:
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean {close!r}?" if close else "known: " + ", ".join(known)
            raise BadInput("there is no such question", field=f"answers.{name}", hint=hint)


def score(kind: str, answers: Mapping[str, str]) -> Agility:
    """Return the score from 0 (rigid) to 100 (agile), with the assumptions made for unanswered questions.

    Args:
        kind: of the asset.
        answers: question -> yes, partly or no.
    """
    reached = total = 0.0
    assumed: dict[str, str] = {}
    for question in questions():
        answer = answers.get(question["id"])
        if answer is None:
            answer = assumed[question["id"]] = "yes" if kind in question["assumed"] else "no"
        reached += question["weight"] * WORTH[answer]
        total += question["weight"]
    return Agility(score=round(100 * reached / total), assumed=assumed)
