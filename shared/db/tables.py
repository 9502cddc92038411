"""The tables and the constraints that the database enforces.

Rows on the hot path carry no foreign keys except to the job: checking one per task would cost more than the
insert, and tasks, edges and results are written only by the statements in this package.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.states import JobState, TaskState

JOB_STATE = Enum(*(state.value for state in JobState), name="job_state")
TASK_STATE = Enum(*(state.value for state in TaskState), name="task_state")
NOW = text("clock_timestamp()")
TIMESTAMP = DateTime(timezone=True)


class Base(DeclarativeBase):
    """Declarative base of every table."""

    type_annotation_map = {str: Text, datetime: TIMESTAMP, float: Double, bytes: LargeBinary}  # noqa: RUF012


class Tenant(Base):
    """A tenant, which owns tokens and jobs and has a fair share of the workers."""

    __tablename__ = "tenants"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    weight: Mapped[float] = mapped_column(server_default="1")
    __table_args__ = (CheckConstraint("weight > 0", name="tenant_weight_positive"),)


class Token(Base):
    """A bearer token, by its SHA-256 only."""

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    hash: Mapped[bytes] = mapped_column(unique=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str]
    role: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime | None]
    token_id: Mapped[str] = mapped_column(unique=True)
    created_by: Mapped[str] = mapped_column(server_default="")
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("role IN ('read', 'submit', 'admin', 'operator')", name="token_role_known"),
        Index("tokens_of_tenant", "tenant_id", text("created_at DESC"), text("token_id DESC")),
    )


class KeyedRequest(Base):
    """A request with an Idempotency-Key that created neither a job nor a plan."""

    __tablename__ = "keyed_requests"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    made: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Session(Base):
    """Calls of one program: jobs that name it, each with its position."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str]
    run: Mapped[int]
    idle_s: Mapped[float]
    opened_by: Mapped[str]
    n_calls: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    last_call_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index("sessions_of_tenant", "tenant_id", text("created_at DESC"), text("id DESC")),
        Index("sessions_named", "tenant_id", "name"),
    )


class Job(Base):
    """A submitted job, its state and its result; a job of a sweep names it, with its place and values there."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    kind: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(JOB_STATE, server_default="queued")
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    spec: Mapped[Any] = mapped_column(JSON)
    plan: Mapped[Any | None] = mapped_column(JSON)
    n_tasks: Mapped[int] = mapped_column(server_default="0")
    max_retries: Mapped[int] = mapped_column(SmallInteger, server_default="3")
    timeout_s: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    content_key: Mapped[str | None]
    from_cache: Mapped[bool] = mapped_column(server_default="false")
    joined: Mapped[str | None]
    replay_of: Mapped[str | None]
    depends_on: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[str | None]
    error: Mapped[Any | None] = mapped_column(JSON)
    result: Mapped[Any | None] = mapped_column(JSON)
    role: Mapped[str | None]
    sweep: Mapped[str | None]
    position: Mapped[int | None]
    coordinates: Mapped[Any | None] = mapped_column(JSON)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    session: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "idempotency_key", "role", name="job_idempotent"),
        CheckConstraint(
            "(state IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name="job_end_is_dated",
        ),
        CheckConstraint("state <> 'completed' OR result IS NOT NULL", name="job_completed_has_result"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="job_failed_has_cause"),
        Index("jobs_of_tenant", "tenant_id", text("created_at DESC"), "id"),
        Index(
            "jobs_listed",
            "tenant_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("sweep IS NULL AND session IS NULL"),
        ),
        Index("jobs_unfinished", "tenant_id", "sweep", postgresql_where=text("finished_at IS NULL")),
        Index(
            "sweeps_unfinished",
            "tenant_id",
            postgresql_where=text("kind = 'sweep' AND finished_at IS NULL"),
        ),
        Index("jobs_of_sweep", "sweep", "position", unique=True, postgresql_where=text("sweep IS NOT NULL")),
        Index(
            "jobs_of_session",
            "session",
            "position",
            unique=True,
            postgresql_where=text("session IS NOT NULL"),
        ),
        Index(
            "jobs_answered",
            "content_key",
            postgresql_where=text("content_key IS NOT NULL AND state = 'completed'"),
        ),
        Index("jobs_of_sweep_state", "sweep", "state", postgresql_where=text("sweep IS NOT NULL")),
        Index("jobs_tagged", "tags", postgresql_using="gin", postgresql_where=text("tags <> '{}'")),
        Index(
            "jobs_unplanned",
            "id",
            postgresql_where=text("state = 'queued' AND n_tasks = 0 AND joined IS NULL"),
        ),
        Index(
            "jobs_with_deadline", "id", postgresql_where=text("timeout_s IS NOT NULL AND finished_at IS NULL")
        ),
        Index("jobs_joined", "joined", postgresql_where=text("joined IS NOT NULL AND finished_at IS NULL")),
        Index(
            "job_in_flight_twin",
            "content_key",
            unique=True,
            postgresql_where=text("finished_at IS NULL AND joined IS NULL AND content_key IS NOT NULL"),
        ),
    )


class Task(Base):
    """One node of a job's graph."""

    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(BigInteger, Identity(cycle=False), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    tenant_id: Mapped[int]
    name: Mapped[str]
    operation: Mapped[str]
    queue: Mapped[str]
    payload: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(TASK_STATE)
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    attempt: Mapped[int] = mapped_column(server_default="1")
    failures: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    remaining: Mapped[int] = mapped_column(Integer, server_default="0")
    has_inputs: Mapped[bool] = mapped_column(server_default="false")
    final: Mapped[bool] = mapped_column(server_default="false")
    cost_s: Mapped[float]
    memory_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    not_before: Mapped[datetime | None]
    ready_at: Mapped[datetime | None] = mapped_column(server_default=NOW)
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[Any | None] = mapped_column(JSON)
    __table_args__ = (
        CheckConstraint("remaining >= 0", name="task_remaining_not_negative"),
        CheckConstraint("(state = 'blocked') <= (remaining > 0)", name="task_blocked_waits"),
        CheckConstraint(
            "(state = 'running') = (claimed_by IS NOT NULL AND finished_at IS NULL)",
            name="task_running_is_claimed",
        ),
        Index("tasks_of_job", "job_id", "id"),
        Index(
            "tasks_ready",
            "queue",
            "tenant_id",
            text("priority DESC"),
            "id",
            postgresql_where=text("state = 'ready' AND not_before IS NULL"),
            postgresql_include=["cost_s", "ready_at"],
        ),
        Index(
            "tasks_delayed",
            "not_before",
            postgresql_where=text("state = 'ready' AND not_before IS NOT NULL"),
            postgresql_include=["queue"],
        ),
        Index(
            "tasks_active",
            "queue",
            "tenant_id",
            postgresql_where=text("state IN ('queued', 'running')"),
            postgresql_include=["state", "cost_s", "ready_at"],
        ),
        {"postgresql_with": {"fillfactor": "60"}},
    )


class Dependency(Base):
    """An edge: the child starts after the parent, whose result is its input number `position`."""

    __tablename__ = "dependencies"
    parent_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    child_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    position: Mapped[int]
    __table_args__ = (Index("dependencies_of_child", "child_id", "position"),)


class Result(Base):
    """Result of a task, for its child tasks."""

    __tablename__ = "results"
    task_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    value: Mapped[Any] = mapped_column(JSON)


class Evaluation(Base):
    """The journal: one objective value of one variational loop."""

    __tablename__ = "journal"
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    loop: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    point: Mapped[list[float]] = mapped_column(ARRAY(Double))
    value: Mapped[float]
    gradient: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    variance: Mapped[float | None]
    excess: Mapped[float | None]


class Event(Base):
    """An event of a job; the ordinal is assigned when it is first read (`shared.db.events`)."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    job_id: Mapped[str]
    ordinal: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    type: Mapped[str]
    body: Mapped[Any] = mapped_column(JSON)
    __table_args__ = (
        Index("events_of_job", "job_id", "ordinal", unique=True),
        Index("events_without_ordinal", "job_id", "id", postgresql_where=text("ordinal IS NULL")),
    )


class Worker(Base):
    """A Celery worker process, with its last heartbeat."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    slots: Mapped[int]
    draining: Mapped[bool] = mapped_column(server_default="false")
    clock_ahead_s: Mapped[float | None]
    extras: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Ledger(Base):
    """Resource usage of a job: charged once per task and resource, whatever was retried."""

    __tablename__ = "ledger"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    tenant_id: Mapped[int]
    task_id: Mapped[int] = mapped_column(BigInteger)
    resource: Mapped[str]
    amount: Mapped[float]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (UniqueConstraint("task_id", "resource", name="ledger_charged_once"),)


class QECBlock(Base):
    """Logical errors of consecutive chunks of shots of one stream (`shared.db.qec_blocks`)."""

    __tablename__ = "qec_blocks"
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    errors: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    seconds: Mapped[float]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        CheckConstraint("cardinality(errors) = last - first + 1", name="qec_block_is_whole"),
        CheckConstraint("first >= 0", name="qec_block_is_placed"),
    )


class LogLine(Base):
    """One of the last log lines of a job, in a ring of slots that are overwritten (`shared.db.log_lines`)."""

    __tablename__ = "log_lines"
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[Any] = mapped_column(JSON)
    __table_args__ = (CheckConstraint("slot >= 0 AND slot < 200", name="log_lines_are_few"),)


class Compatibility(Base):
    """One row: the oldest code the schema supports, as that code's newest migration (`shared.db.compatibility`)."""

    __tablename__ = "compatibility"
    one: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    serves: Mapped[str]
    __table_args__ = (CheckConstraint("one", name="compatibility_is_one_row"),)


class Runtime(Base):
    """Run times of plans of one shape: count, mean, sum of squared deviations (Welford 1962), extremes."""

    __tablename__ = "runtimes"
    shape: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    mean_s: Mapped[float]
    m2: Mapped[float]
    least_s: Mapped[float | None]
    most_s: Mapped[float | None]
