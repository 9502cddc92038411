"""One directive of a server's configuration, changed and verified on the wire: base class of its steps."""

from __future__ import annotations

from typing import Any, TypeVar

from workers.crypto.migration import directive, files, server
from workers.crypto.migration.action import Checkpoint, Evidence, Pace
from workers.crypto.migration.directive import Dialect, Directive
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.part import Part
from workers.runtime.outcome import UserError

Kind = TypeVar("Kind", bound="Setting")


class Setting(Still):
    """The directive, its current and its wanted value; empty if the server's default applies.

    Args:
        part: the component's part of the step.
        names: names of the directive, the preferred one first.
        dialect: the server's configuration syntax.
    """

    def __init__(self, part: Part[Any], names: tuple[str, ...], dialect: Dialect) -> None:
        self.part = part
        self.names = names
        self.dialect = dialect

    @property
    def before(self) -> str:
        """The value before the migration; empty if there was none."""
        return str(self.part.facts.get("old_groups", self.read()))

    def wanted(self) -> str:
        """Return the value that this step sets."""
        return self.read()

    def seen(self, pace: Pace) -> Any:
        """Return what the server offers after this step, as JSON; None if it cannot be probed.

        Raises:
            ProofError: it is not the step's intended result.
        """
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        target, wanted = self.part.target, self.wanted()
        if wanted == self.read():
            return [f"ask {target.probe or target.name} for its groups"]
        return [
            f"set {self.names[0]} to {wanted} in {target.config}",
            *(f"run `{' '.join(command)}`" for command in (target.check, target.reload) if command),
            *([f"ask {target.probe} for its groups"] if target.probe else []),
        ]

    def capture(self) -> Checkpoint:
        """Record the current value, with its quotation marks."""
        found = self.found()
        return {"groups": found.value, "written": found.written}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Write the new value and reload the server."""
        found, wanted = self.found(), self.wanted()
        changed = found.value != wanted
        if changed:
            self.set(found.quoted(wanted))
        if changed or before["groups"] != self.read():
            server.tell(self.part.target, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify what the server negotiates."""
        return {"groups": self.read() or "left to the server", "probe": self.seen(pace)}

    def restore(self, before: Checkpoint) -> list[str]:
        """Write the old value again; other lines changed meanwhile stay."""
        if self.wanted() == before["groups"]:
            return []
        self.set(before.get("written", before["groups"]))
        value = before["groups"] or "left to the server"
        return [f"{self.names[0]} is {value} in {self.part.target.config} again"]

    def tell(self, before: Checkpoint) -> None:
        """Reload the server with the old value; a crash may have prevented an earlier reload."""
        if self.wanted() != before["groups"]:
            server.tell(self.part.target)

    def read(self) -> str:
        """Return the value in the file."""
        return self.found().value

    def found(self) -> Directive:
        """Return the directive in the file.

        Raises:
            UserError: the file cannot be read, or its directive is invalid.
        """
        config = self.part.target.config
        try:
            # Line ends and non-UTF-8 bytes are preserved.
            text = config.read_bytes().decode(errors="surrogateescape")
            return directive.find(text, *self.names, dialect=self.dialect)
        except (OSError, ValueError) as error:
            raise UserError(f"{config}: {error}") from None

    def set(self, written: str) -> None:
        """Write an already quoted value into the file; an empty one restores the server's default."""
        found, config = self.found(), self.part.target.config
        if found.written != written:
            files.rewrite(config, found.replaced(written).encode(errors="surrogateescape"))


def by_type(
    *, remember: type[Kind], both: type[Kind], prefer: type[Kind], preferred: type[Kind], only: type[Kind]
) -> dict[str, type[Kind]]:
    """Return the directive's action for each type of step; other types do nothing."""
    return {
        "prepare": remember,
        "enable_readers": both,
        "enable_verifiers": both,
        "switch": prefer,
        "validate": preferred,
        "retire": only,
    }
