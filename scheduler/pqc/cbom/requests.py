"""Requests for bills of materials: from request bodies to documents."""

from __future__ import annotations

from collections.abc import Mapping

from novacron.json_types import JsonObject
from novacron.migration import Inventory
from novacron.specs.refusal import validated
from scheduler.pqc.cbom import reading, writing
from scheduler.pqc.cbom.documents import Bill


def exported(body: JsonObject) -> Bill:
    """Convert an inventory to CycloneDX.

    Raises:
        BadInput: the body is not an inventory.
    """
    return writing.write(validated(Inventory, body))


def imported(body: Mapping[str, object]) -> JsonObject:
    """Convert CycloneDX to an inventory.

    Raises:
        BadInput: the body is not a bill of materials.
    """
    return reading.read(body).model_dump(mode="json")
