"""Migration documents that only the API describes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from scheduler.api.models.model import Model


class AnyBill(Model):
    """A bill of materials in CycloneDX 1.6 or 1.7 (ECMA-424); CycloneDX's schema describes the rest.

    Attributes:
        bom_format: `CycloneDX`.
        spec_version: version of CycloneDX.
    """

    bom_format: Literal["CycloneDX"] = Field(alias="bomFormat")
    spec_version: str = Field(alias="specVersion")


class BillOfMaterials(AnyBill):
    """A cryptography bill of materials in CycloneDX 1.7 (ECMA-424); CycloneDX's schema describes the rest.

    Attributes:
        version: version of this document.
        components: cryptographic assets.
    """

    version: int
    components: list[dict[str, JsonValue]]
