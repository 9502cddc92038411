"""Asks a provider for its devices, and records the answer: `python -m workers.watch BACKEND`.

A process of its own, which the worker starts: the client of a provider takes seconds to import, and a task
that imports it at the same time in the same process would meet half-initialized modules.
"""

from __future__ import annotations

import sys

from novacron.json_types import JsonObject
from shared import settings, telemetry
from shared.db import session, watched_devices
from shared.db.session import Connection
from workers.quantum import providers
from workers.quantum.providers.base import Listed, Provider
from workers.runtime.outcome import PassingError, UserError

log = telemetry.logger("novacron.worker")


def look(connection: Connection, backend: str, provider: Provider) -> None:
    """Record a provider's devices, or why it accepts no jobs; without an answer, record nothing."""
    try:
        listed = provider.devices()
        if exhausted := provider.exhausted():
            raise UserError(exhausted, hint="raise the limit of the account, or wait for its next period")
    except UserError as error:
        watched_devices.refuse(connection, backend, str(error), error.hint)
    except PassingError as error:
        log.info("provider_not_seen", backend=backend, cause=str(error))
    else:
        watched_devices.record(connection, backend, [_row(one) for one in listed])


def _row(one: Listed) -> JsonObject:
    return {
        "device": one.name, "accepts": one.accepts, "status": one.status, "queue_length": one.queue_length,
        "calibration_id": one.device.calibration_id, "calibration": one.device.model_dump(mode="json"),
    }  # fmt: skip


def main(backend: str) -> None:
    """Ask once."""
    chosen = settings.load()
    telemetry.set_up(chosen.log_format)
    with session.connect(chosen.database_url, name=f"watch {backend}", durable=False) as connection:
        try:
            provider = providers.load(backend)
        except UserError as error:
            watched_devices.refuse(connection, backend, str(error), error.hint)
            return
        try:
            look(connection, backend, provider)
        finally:
            provider.close()


if __name__ == "__main__":
    main(sys.argv[1])
