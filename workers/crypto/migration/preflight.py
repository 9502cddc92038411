"""Preflight checks of a plan's targets before its first step, when nothing has been changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from novacron.algorithms import find
from novacron.durable import FOREIGN, givable
from novacron.errors import BadInput, NovaCronError
from novacron.migration.planned_step import PlannedStep
from novacron.secret_file import exposure
from novacron.specs.crypto.key_usage import FAMILIES
from shared import settings
from shared.db.crypto.steps import Holder
from workers.crypto.migration import binding, folder, groups, pem, profile, server
from workers.crypto.migration.action import Action, ProofError
from workers.crypto.migration.executors import envelopes, haproxy, key_files, postgresql, sshd, tls
from workers.crypto.migration.executors.key_files import Make
from workers.crypto.migration.executors.tls import Listed
from workers.crypto.migration.pair import read_chain
from workers.crypto.migration.part import Part
from workers.crypto.migration.programs import HAProxy, KeyFiles, OpenSSH, PostgreSQL
from workers.crypto.migration.served import Certified, Served
from workers.crypto.migration.targets import Certificate, Envelopes, Groups, StoredKey, Target, refuse
from workers.crypto.pki.authority import Authority
from workers.runtime.outcome import UserError

Wrong = Iterator[BadInput]


def check(holder: Holder, steps: Iterable[PlannedStep], declared: Mapping[str, Target]) -> None:
    """Reject a plan whose targets cannot be migrated, with all errors.

    A started component is skipped: it is in the middle of a change, and its steps check it themselves.

    Raises:
        BadInput: names the targets and the rules.
    """
    steps = list(steps)
    begun = {
        name for row in holder.rows() if row.state in ("started", "done") for name in row.step["components"]
    }
    parts = [part for part in _parts(holder, steps, declared) if part.component not in begun]
    wrong = list(binding.shared(steps, declared))
    for part in parts:
        wrong += _of(part)
    refuse([*wrong, *_commands(part.target for part in parts)])


def _parts(
    holder: Holder, steps: Iterable[PlannedStep], declared: Mapping[str, Target]
) -> Iterator[Part[Any]]:
    """Yield each component of the plan with a target, once per algorithm migrated from."""
    seen = set()
    for step in steps:
        change = step["algorithm"]
        for name, target in binding.bound([step], declared).items():
            if (key := (name, change["from"], change["to"])) not in seen:
                seen.add(key)
                asking = binding.guard(holder, declared)
                yield Part(holder, step, name, target, change["from"], change["to"], asking)


def _of(part: Part[Any]) -> list[BadInput]:
    """Return the errors of one part, including a failure of the check itself."""
    found: list[BadInput] = []
    try:
        for one in CHECKS[type(part.target)](part):
            found.append(one)  # appended singly, so that errors found before the check fails are kept
    except BadInput as error:
        error.field = (
            error.field if (error.field or "").startswith("targets.") else f"targets.{part.target.name}"
        )
        found.append(error)
    except (NovaCronError, UserError, ProofError, OSError) as error:
        found.append(BadInput(str(error), field=f"targets.{part.target.name}"))
    return found


def _commands(targets: Iterable[Target]) -> Wrong:
    """Yield commands that fail before any change; each is run once."""
    asked: dict[tuple[str, ...], str] = {}
    for target in targets:
        if isinstance(target, Served) and target.check and target.check not in asked:
            asked[target.check] = target.name
    for command, name in asked.items():
        try:
            server.run(command)
        except ProofError as error:
            hint = "fix it first: nothing has been changed yet"
            yield BadInput(f"fails already: {error}", field=f"targets.{name}.check", hint=hint)


def _certificate(part: Part[Certificate | HAProxy | PostgreSQL], *keys: str) -> Wrong:
    """Check a certificate, and its files that a server reads, by their keys in the target."""
    target = part.target
    if part.new not in FAMILIES or not FAMILIES[part.new].signs:
        yield target.refused("certificate", f"no certificate is made for keys of {part.new}")
        return
    files = [target.paths()[key] for key in keys or ("certificate", "key")]
    served = read_chain(files[0])[0]
    for path in files[1:]:
        path.read_bytes()
    yield from _writable(target, *(keys or ("certificate", "key")))
    yield from _secret(target, (keys or ("certificate", "key"))[-1])
    authority = Authority(part.holder.connection, part.store, part.holder.tenant_id, part.holder.actor)
    try:
        issuer = authority.ca(target.issuer)
    except NovaCronError as error:
        yield target.refused("issuer", str(error))
        return
    if issuer.revoked_at:
        yield target.refused("issuer", f"is revoked ({issuer.revocation_reason})")
    left = issuer.x509.not_valid_after_utc - datetime.now(UTC)
    if left < timedelta(days=target.days):
        yield target.refused("days", f"the issuer itself is valid for {left.days} days only")
    yield from profile.lost(profile.of(served), target, part.new)


def _secret(target: Served, key: str) -> Wrong:
    """Report a private key file that others can read or change, if that is rejected."""
    path = target.paths()[key]
    if settings.load().strict and (why := exposure(path)):
        yield target.refused(key, why, f"chmod 600 {path}")


def _groups(part: Part[Groups]) -> Wrong:
    yield from _list(part.target, tls.action(part))


def _list(target: Served, action: Action) -> Wrong:
    """Check a list of groups: it occurs once in its file, and is valid."""
    assert isinstance(action, Listed), "a plan begins with a step that reads it"
    try:
        groups.check(action.read() or action.default)
    except (ValueError, UserError) as error:
        yield target.refused("config", str(error))
    yield from _writable(target, "config")


def _haproxy(part: Part[HAProxy]) -> Wrong:
    target = part.target
    if not part.signs:
        yield from _list(target, haproxy.action(part))
        return
    if (count := pem.n_keys(target.certificate.read_bytes())) != 1:
        hint = "a key in a file of its own is a target of the kind certificate"
        yield target.refused("certificate", f"must hold its private key too, holds {count}", hint)
    yield from _certificate(part, "certificate")


def _postgresql(part: Part[PostgreSQL]) -> Wrong:
    action = postgresql.action(part)  # raises for missing declarations
    yield from _certificate(part) if part.signs else _list(part.target, action)


def _sshd(part: Part[OpenSSH]) -> Wrong:
    sshd.action(part).capture()
    if not part.signs:
        sshd.method_of(part.new)
        yield from _writable(part.target, "config")


def _key_files(part: Part[KeyFiles]) -> Wrong:
    key_files.action(part)  # raises for components that do not sign
    Make(part).capture()
    yield from _writable(part.target, *part.target.paths())
    yield from _secret(part.target, "key")


def _envelopes(part: Part[Envelopes]) -> Wrong:
    key = part.key(envelopes.key_of(part))
    key.check_usage("decrypt")
    key.check_active()
    if key.algorithm.lower() != part.old.lower():
        yield part.target.refused("folder", f"its key is of {key.algorithm}, not of {part.old}")
    if find(part.new).type != "encryption":
        yield part.target.refused("folder", f"envelopes are not sealed by {part.new}")
    for name in folder.headers(part.target):
        if not givable((part.target.folder / name).stat()):
            yield part.target.refused(
                "folder", f"{name}: {FOREIGN}", "run the worker as its owner, or as root"
            )
            return


def _stored_key(part: Part[StoredKey]) -> Wrong:
    key = part.key(part.target.key_id)
    key.check_active()
    if key.usage != "sign":
        hint = "declare the folder of its envelopes, as a target of the kind envelopes"
        yield part.target.refused("key_id", f"is a key for {key.usage}, not one that signs", hint)
    elif find(part.new).type != "signature":
        yield part.target.refused("key_id", f"nothing is signed by {part.new}")
    if key.algorithm.lower() != part.old.lower():
        yield part.target.refused("key_id", f"is of {key.algorithm}, not of {part.old}")


def _writable(target: Served, *keys: str) -> Wrong:
    """Check that replaced files are in a folder in which files can be created."""
    paths = target.paths()
    for key in keys:
        real = Path(os.path.realpath(paths[key]))
        # A certificate and its key become links themselves; other files are written at the end of links.
        swapped = isinstance(target, Certified) and key != "config"
        for place in {paths[key].parent} if swapped else {real.parent, *_home(target, key)}:
            if not os.access(place, os.W_OK | os.X_OK):
                yield target.refused(key, f"no file can be made in its folder {place}")
        if not givable(real.stat()):
            yield target.refused(key, FOREIGN, "run the worker as its owner, or as root")


def _home(target: Served, key: str) -> list[Path]:
    """Return where copies of a file are stored."""
    return [target.key.parent] if isinstance(target, KeyFiles) and key == "key" else []


CHECKS: dict[type[Target], Callable[[Any], Wrong]] = {
    Envelopes: _envelopes,
    StoredKey: _stored_key,
    Certificate: _certificate,
    Groups: _groups,
    HAProxy: _haproxy,
    PostgreSQL: _postgresql,
    OpenSSH: _sshd,
    KeyFiles: _key_files,
}
"""The checks of each kind of target, one line per kind."""
