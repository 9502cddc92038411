"""One directive of a server's configuration, changed and then seen on the wire: the base of its steps."""

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
    """The directive, as it is and as it is to be; empty where the server is left to its default.

    Args:
        part: what it is about.
        names: of the directive, the preferred one first.
        dialect: how the server writes it.
    """

    def __init__(self, part: Part[Any], names: tuple[str, ...], dialect: Dialect) -> None:
        self.part = part
        self.names = names
        self.dialect = dialect

    @property
    def before(self) -> str:
        """The value that was there before the migration; empty where there was none."""
        return str(self.part.facts.get("old_groups", self.read()))

    def wanted(self) -> str:
        """The value that this step leaves."""
        return self.read()

    def seen(self, pace: Pace) -> Any:
        """What the server offers after this step, as JSON; None where nobody can be asked.

        Raises:
            ProofError: it is not what the step is for.
        """
        raise NotImplementedError

    def lines(self) -> list[str]:
        """What it would do."""
        target, wanted = self.part.target, self.wanted()
        if wanted == self.read():
            return [f"ask {target.probe or target.name} for its groups"]
        return [
            f"set {self.names[0]} to {wanted} in {target.config}",
            *(f"run `{' '.join(command)}`" for command in (target.check, target.reload) if command),
            *([f"ask {target.probe} for its groups"] if target.probe else []),
        ]

    def capture(self) -> Checkpoint:
        """The value as it is, with its quotation marks."""
        found = self.found()
        return {"groups": found.value, "written": found.written}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Write the new value and have the server read it."""
        found, wanted = self.found(), self.wanted()
        changed = found.value != wanted
        if changed:
            self.set(found.quoted(wanted))
        if changed or before["groups"] != self.read():
            server.tell(self.part.target, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """What the server agrees to."""
        return {"groups": self.read() or "left to the server", "probe": self.seen(pace)}

    def restore(self, before: Checkpoint) -> list[str]:
        """Write the old value again; other lines that were changed meanwhile stay."""
        if self.wanted() == before["groups"]:
            return []
        self.set(before.get("written", before["groups"]))
        value = before["groups"] or "left to the server"
        return [f"{self.names[0]} is {value} in {self.part.target.config} again"]

    def tell(self, before: Checkpoint) -> None:
        """Have the server read the old value; it may not have been told of it before a crash."""
        if self.wanted() != before["groups"]:
            server.tell(self.part.target)

    def read(self) -> str:
        """The value in the file."""
        return self.found().value

    def found(self) -> Directive:
        """The directive in the file.

        Raises:
            UserError: the file cannot be read, or does not hold it as it must.
        """
        config = self.part.target.config
        try:
            # Line ends and bytes that are no UTF-8 stay as they are.
            text = config.read_bytes().decode(errors="surrogateescape")
            return directive.find(text, *self.names, dialect=self.dialect)
        except (OSError, ValueError) as error:
            raise UserError(f"{config}: {error}") from None

    def set(self, written: str) -> None:
        """Write a value into the file, quoted already; an empty one leaves the server to its default."""
        found, config = self.found(), self.part.target.config
        if found.written != written:
            files.rewrite(config, found.replaced(written).encode(errors="surrogateescape"))


def by_type(
    *, remember: type[Kind], both: type[Kind], prefer: type[Kind], preferred: type[Kind], only: type[Kind]
) -> dict[str, type[Kind]]:
    """What each type of step makes of the directive; other types do nothing to it."""
    return {
        "prepare": remember,
        "enable_readers": both,
        "enable_verifiers": both,
        "switch": prefer,
        "validate": preferred,
        "retire": only,
    }
