"""Progress: one line on a terminal that says how far the work is, and is wiped when something else is to be said."""

from __future__ import annotations

import shutil
import sys
from time import perf_counter

__all__ = ["Progress", "span"]

BLOCKS = " ▏▎▍▌▋▊▉█"


def span(seconds: float) -> str:
    """Write a length of time for a person."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


class Progress:
    """A line that is written over and over; nothing at all where standard error is no terminal.

    Parameters
    ----------
    total : int
        How many steps there are.
    done : int
        How many of them were made earlier.
    """

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self.shown = sys.stderr.isatty()
        self.made = done
        self._first = done
        self._began = self._last = perf_counter()

    def step(self, doing: str) -> None:
        """Say what is being done, if the line is not too young to be read."""
        now = perf_counter()
        if self.shown and (now - self._last > 0.1 or self.made == self._first):
            self._last = now
            self._draw(doing, now - self._began)
        self.made += 1

    def _draw(self, doing: str, elapsed: float) -> None:
        share = self.made / max(1, self.total)
        eighths = round(share * 20 * 8)
        bar = "█" * (eighths // 8) + (BLOCKS[eighths % 8] if eighths < 160 else "")
        made = self.made - self._first
        left = f", {span(elapsed / made * (self.total - self.made))} left" if made > 5 else ""
        line = f"▕{bar:20}▏ {share:4.0%}{left}  {doing}"
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{line[:width]}")
        sys.stderr.flush()

    def wipe(self) -> None:
        """Clear the line."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
