"""Progress on the terminal: a bar with the loss and the tokens of a second, or lines where tqdm is not installed."""

from __future__ import annotations

import sys
import time
from typing import Any


class Progress:
    """A bar that stands from step ``first`` to ``last``.

    Parameters
    ----------
    first, last : int
        Steps done, and steps in all.
    tokens : int
        Tokens of one step.
    name : str
        What stands before the bar.
    shown : bool, default True
        Whether anything is written.
    """

    def __init__(self, first: int, last: int, tokens: int, name: str, *, shown: bool = True) -> None:
        self._tokens, self._last, self._name, self._shown = tokens, last, name, shown
        self._told = self._before = time.monotonic()
        self._rate = 0.0
        self._validation = ""
        self._bar: Any = None
        if shown:
            try:
                from tqdm import tqdm
            except ImportError:
                return
            self._bar = tqdm(
                mininterval=0.1 if sys.stderr.isatty() else 5,  # a log is not a terminal
                initial=first,
                total=last,
                desc=name,
                unit="step",
                file=sys.stderr,
                dynamic_ncols=True,
            )

    def step(self, number: int, loss: float) -> None:
        """Tell that a step is done."""
        if not self._shown:
            return
        now = time.monotonic()
        rate = self._tokens / max(now - self._before, 1e-9)
        self._before = now
        # The first step compiles, and says nothing about the others.
        self._rate = 0.9 * self._rate + 0.1 * rate if self._rate else (rate if number > 1 else 0.0)
        said = f"loss {loss:.3f}{self._validation}" + (f", {self._rate:,.0f} tokens/s" if self._rate else "")
        if self._bar is not None:
            self._bar.set_postfix_str(said, refresh=False)
            self._bar.update()
        elif number == self._last or now - self._told > 5:
            self._told = now
            print(f"{self._name}: step {number} of {self._last}: {said}", file=sys.stderr)

    def validation(self, loss: float) -> None:
        """Tell the loss on text that is not learnt from."""
        self._validation = f" (validation {loss:.3f})"
        self._before = time.monotonic()

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()
