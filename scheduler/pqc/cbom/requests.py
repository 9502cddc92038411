"""What is asked of the bills of materials: bodies of requests to documents."""

from __future__ import annotations

from collections.abc import Mapping

from novacron.json_types import JsonObject
from novacron.migration import Inventory
from novacron.specs.refusal import validated
from scheduler.pqc.cbom import reading, writing
from scheduler.pqc.cbom.documents import Bill


def exported(body: JsonObject) -> Bill:
    """An inventory as CycloneDX.

    Raises:
        BadInput: the body is no inventory.
    """
    return writing.write(validated(Inventory, body))


def imported(body: Mapping[str, object]) -> JsonObject:
    """CycloneDX as an inventory.

    Raises:
        BadInput: the body is no bill of materials.
    """
    return reading.read(body).model_dump(mode="json")
