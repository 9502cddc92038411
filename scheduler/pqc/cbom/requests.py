"""What is asked of the bills of materials: bodies of requests to documents."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from novacron.json_types import JsonObject
from novacron.migration import Inventory
from novacron.specs.refusal import bad_input
from scheduler.pqc.cbom import reading, writing
from scheduler.pqc.cbom.documents import Bill


def exported(body: JsonObject) -> Bill:
    """An inventory as CycloneDX.

    Raises:
        BadInput: the body is no inventory.
    """
    try:
        inventory = Inventory.model_validate(body)
    except ValidationError as error:
        raise bad_input(error, Inventory) from None
    return writing.write(inventory)


def imported(body: Mapping[str, object]) -> JsonObject:
    """CycloneDX as an inventory.

    Raises:
        BadInput: the body is no bill of materials.
    """
    return reading.read(body).model_dump(mode="json")
