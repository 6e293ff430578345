"""Loss curves, as PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from accel.errors import ArgumentError

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")
"""Okabe and Ito's colours, which colour-blind readers can tell apart."""


def pyplot() -> Any:
    """Give matplotlib's pyplot, set to write files.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise ArgumentError("pictures need matplotlib; write: pip install matplotlib.")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def smooth(values: Sequence[float], part: int = 20) -> list[float]:
    """Give the running mean of the last ``1 / part`` of values, at most 50."""
    span = max(1, min(50, len(values) // part))
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return [(sums[i + 1] - sums[max(0, i + 1 - span)]) / min(span, i + 1) for i in range(len(values))]


def draw(
    path: Path, losses: Sequence[float], validation: Mapping[int, float], title: str, *, first: int = 1
) -> None:
    """Draw the loss of each step, its running mean, and the loss on validation text.

    Parameters
    ----------
    path : Path
        Where the picture goes.
    losses : sequence of float
        One for each step from ``first`` on, in nats for each token.
    validation : mapping of int to float
        Loss by step.
    title : str
        What stands above it.
    """
    plot = pyplot()
    figure, axes = plot.subplots(figsize=(7.5, 4.2), layout="constrained")
    steps = range(first, first + len(losses))
    axes.plot(steps, losses, color=COLOURS[0], linewidth=0.8, alpha=0.35, label="each step")
    axes.plot(steps, smooth(losses), color=COLOURS[0], linewidth=1.8, label="running mean")
    if validation:
        axes.plot(
            [*validation], [*validation.values()], "o-", color=COLOURS[5], markersize=4, label="validation"
        )
    axes.set(xlabel="step", ylabel="loss (nats for each token)", title=title)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)
    plot.close(figure)
