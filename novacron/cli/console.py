"""A Rich console that interprets no text as markup, and adds no padding in pipes and files."""

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
        """Print; see `Console.print`. Without a terminal, trailing padding is removed."""
        if self.is_terminal:
            super().print(*objects, **options)
            return
        with self.capture() as captured:
            super().print(*objects, **options)
        text = Text(_PADDING.sub("", captured.get()))
        super().print(text, end="", no_wrap=True, overflow="ignore", crop=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a string as Rich text; see `Console.render_str`."""
        # Before measuring: the columns of a table must fit the text that is finally printed.
        return super().render_str(printable(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the rendered segments; see `Console.render`."""
        # Text objects and others that bypass `render_str` are sanitized here.
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)
