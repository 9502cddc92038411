"""A Rich console that reads no text as an instruction, and pads no line of a pipe or a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from novacron._text import printable

_PADDING = re.compile(r" +$", re.MULTILINE)


class PlainConsole(Console):
    """A console without markup and emoji codes that writes invisible characters as their code points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; see `Console.print`. Without a terminal the blanks that fill a line up are left out."""
        if self.is_terminal:
            super().print(*objects, **options)
            return
        with self.capture() as captured:
            super().print(*objects, **options)
        text = Text(_PADDING.sub("", captured.get()))
        super().print(text, end="", no_wrap=True, overflow="ignore", crop=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a string as Rich text; see `Console.render_str`."""
        # Before it is measured: the columns of a table must fit what is printed in the end.
        return super().render_str(printable(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of what is shown; see `Console.render`."""
        # Whatever did not come through `render_str`, Text objects for instance, ends here.
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)
