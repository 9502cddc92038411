"""The account that runs PostgreSQL, which refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from scheduler.embedded.errors import StackError


@dataclass(frozen=True, slots=True)
class Account:
    """An operating system user."""

    name: str
    uid: int
    gid: int


def unprivileged(*folders: Path) -> Account | None:
    """Return the account for PostgreSQL, None where the current user is suitable.

    Args:
        folders: the owner of the first that exists and is not root's is used, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for folder in folders:
        if folder.exists() and (uid := folder.stat().st_uid) != 0 and (known := _by_uid(uid)):
            return known
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise StackError(
            "PostgreSQL does not run as root and there is no user 'nobody' to run it as: "
            "start the stack as an ordinary user, or give the data folder to one"
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def current_name() -> str:
    """Return the name of the current user.

    Raises:
        StackError: the user has no name, which PostgreSQL's initdb requires.
    """
    if found := _by_uid(os.geteuid()):
        return found.name
    raise StackError(
        f"user id {os.geteuid()} has no name on this machine and PostgreSQL's initdb insists on one: "
        "add it to the user database or set NOVACRON_DATABASE_URL"
    )


def _by_uid(uid: int) -> Account | None:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
