"""Migration to post-quantum algorithms: inventories, changes and steps."""

from novacron.migration.asset import Asset, Finding, Inventory, InventoryError, Protocol
from novacron.migration.classification import Classification, classify
from novacron.migration.component import Component
from novacron.migration.plan import Change, Check, Plan, Step, Timeline

__all__ = [
    "Asset",
    "Change",
    "Check",
    "Classification",
    "Component",
    "Finding",
    "Inventory",
    "InventoryError",
    "Plan",
    "Protocol",
    "Step",
    "Timeline",
    "classify",
]
