"""The application of the Celery canvas contestant."""

import os

from celery import Celery

app = Celery("peer", broker=os.environ["PEER_REDIS_URL"], backend=os.environ["PEER_REDIS_URL"])
app.conf.update(
    task_default_queue="peer", worker_hijack_root_logger=False, broker_connection_retry_on_startup=True,
    task_acks_late=True, task_reject_on_worker_lost=True, result_expires=600,
)  # fmt: skip


@app.task
def noop(*_):
    return 0
